import type { Dataset, DicomJson } from '../../dicom/dataset.ts'
import { copied, sourceItems, sourceNumbers, sourceText, sourceTexts } from './source-header.ts'

/** A LUT without its data (left out of the header for its size) would be an invalid item. */
function wholeLut(items: readonly Dataset[]): Dataset | undefined {
  const [lut] = items
  return lut && lut['LUTDescriptor'] !== undefined && lut['LUTData'] !== undefined ? lutItem(lut) : undefined
}

/** LUT Data as words: as a list of US a table of 65,536 entries does not fit an explicit VR's 16-bit length. */
function lutItem(lut: Dataset): Dataset {
  const { LUTDescriptor, LUTData, LUTExplanation, ModalityLUTType, _vrMap } = lut
  const vr = _vrMap as Readonly<Record<string, string>> | undefined
  const data = LUTData instanceof Uint8Array ? LUTData : Array.isArray(LUTData) ? words(LUTData) : words([LUTData])
  return {
    LUTDescriptor,
    ...(LUTExplanation !== undefined && { LUTExplanation }),
    ...(ModalityLUTType !== undefined && { ModalityLUTType }),
    LUTData: data,
    _vrMap: { LUTDescriptor: vr?.['LUTDescriptor'] ?? 'US', LUTData: 'OW' },
  }
}

function words(values: readonly unknown[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values, (value) => Number(value) & 0xffff).buffer)
}

/** Modality LUT (PS3.3 C.11.1): the image's own is not applied where a presentation state is, so it must be copied. */
export function modalityLut(header: DicomJson): Dataset {
  const lut = wholeLut(sourceItems(header, 'ModalityLUTSequence'))
  if (lut) return { ModalityLUTSequence: [{ ModalityLUTType: 'US', ...lut }] }
  const [intercept = NaN] = sourceNumbers(header, 'RescaleIntercept')
  const [slope = NaN] = sourceNumbers(header, 'RescaleSlope')
  if (!Number.isFinite(intercept) || !Number.isFinite(slope) || slope === 0) return {}
  return { RescaleType: 'US', ...copied(header, ['RescaleIntercept', 'RescaleSlope', 'RescaleType']) }
}

/**
 * Softcopy VOI LUT (PS3.3 C.11.8): the first window with its function, else the table, of the image. No sequence where
 * the image has neither: that is the identity in both.
 */
export function voiLut(header: DicomJson): Dataset {
  const [center] = sourceTexts(header, 'WindowCenter')
  const [width] = sourceTexts(header, 'WindowWidth')
  const shape = sourceText(header, 'VOILUTFunction')
  const narrowest = shape === 'LINEAR_EXACT' || shape === 'SIGMOID' ? Number.MIN_VALUE : 1
  if (center && width && Number.isFinite(Number(center)) && Number(width) >= narrowest) {
    const window = { WindowCenter: center, WindowWidth: width, ...(shape && { VOILUTFunction: shape }) }
    return { SoftcopyVOILUTSequence: [window] }
  }
  const lut = wholeLut(sourceItems(header, 'VOILUTSequence'))
  return lut ? { SoftcopyVOILUTSequence: [{ VOILUTSequence: [lut] }] } : {}
}

/**
 * Softcopy Presentation LUT (PS3.3 C.11.6). INVERSE for MONOCHROME1, whose least value is white: the photometric
 * interpretation itself is not looked at once a state applies, and IDENTITY would show the negative.
 */
export function presentationLut(header: DicomJson): Dataset {
  const lut = wholeLut(sourceItems(header, 'PresentationLUTSequence'))
  if (lut) return { PresentationLUTSequence: [lut] }
  const inverse = sourceText(header, 'PhotometricInterpretation') === 'MONOCHROME1'
  return { PresentationLUTShape: inverse ? 'INVERSE' : 'IDENTITY' }
}

const SHUTTER_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  RECTANGULAR: [
    'ShutterLeftVerticalEdge',
    'ShutterRightVerticalEdge',
    'ShutterUpperHorizontalEdge',
    'ShutterLowerHorizontalEdge',
  ],
  CIRCULAR: ['CenterOfCircularShutter', 'RadiusOfCircularShutter'],
  POLYGONAL: ['VerticesOfThePolygonalShutter'],
}

/** Display Shutter (PS3.3 C.7.6.11): without a copy the image's shutter vanishes when the state is applied. */
export function displayShutter(header: DicomJson): Dataset {
  const shapes = sourceTexts(header, 'ShutterShape').filter((shape) =>
    SHUTTER_ATTRIBUTES[shape]?.every((keyword) => {
      const values = sourceNumbers(header, keyword)
      return values.length > 0 && values.every(Number.isInteger)
    }),
  )
  if (shapes.length === 0) return {}
  const keywords = shapes.flatMap((shape) => SHUTTER_ATTRIBUTES[shape] ?? [])
  const [value = 0] = sourceNumbers(header, 'ShutterPresentationValue')
  return { ShutterShape: shapes, ...copied(header, keywords), ShutterPresentationValue: value }
}
