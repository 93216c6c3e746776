import type { Dataset, DicomJson } from '../../dicom/dataset.ts'
import { lutOf } from './lookup-table.ts'
import { copied, sourceItems, sourceNumbers, sourceText, sourceTexts } from './source-header.ts'

/** Modality LUT (PS3.3 C.11.1): the image's own is not applied where a presentation state is, so it must be copied. */
export function modalityLut(header: DicomJson): Dataset {
  // a VOI LUT after it takes its values as they are; without one they are the range of the display
  const hasVoi = 'SoftcopyVOILUTSequence' in voiLut(header)
  const lut = lutOf(sourceItems(header, 'ModalityLUTSequence'), hasVoi ? 'same values' : 'same share of the range')
  if (lut) return { ModalityLUTSequence: [{ ModalityLUTType: 'US', ...lut }] }
  const [intercept = NaN] = sourceNumbers(header, 'RescaleIntercept')
  const [slope = NaN] = sourceNumbers(header, 'RescaleSlope')
  if (!Number.isFinite(intercept) || !Number.isFinite(slope) || slope === 0) return {}
  return { RescaleType: 'US', ...copied(header, ['RescaleIntercept', 'RescaleSlope', 'RescaleType']) }
}

/**
 * Softcopy VOI LUT (PS3.3 C.11.8): the table of the image, else its first window with its function, in the order in
 * which the model sees it (`display-table.ts`). No sequence where the image has neither: that is the identity in both.
 */
export function voiLut(header: DicomJson): Dataset {
  const lut = lutOf(sourceItems(header, 'VOILUTSequence'), 'same share of the range')
  if (lut) return { SoftcopyVOILUTSequence: [{ VOILUTSequence: [lut] }] }
  const [center] = sourceTexts(header, 'WindowCenter')
  const [width] = sourceTexts(header, 'WindowWidth')
  const shape = sourceText(header, 'VOILUTFunction')
  const narrowest = shape === 'LINEAR_EXACT' || shape === 'SIGMOID' ? Number.MIN_VALUE : 1
  if (!center || !width || !Number.isFinite(Number(center)) || !(Number(width) >= narrowest)) return {}
  return {
    SoftcopyVOILUTSequence: [{ WindowCenter: center, WindowWidth: width, ...(shape && { VOILUTFunction: shape }) }],
  }
}

/**
 * Softcopy Presentation LUT (PS3.3 C.11.6). INVERSE for MONOCHROME1, whose least value is white: the photometric
 * interpretation itself is not looked at once a state applies, and IDENTITY would show the negative.
 */
export function presentationLut(header: DicomJson): Dataset {
  const lut = lutOf(sourceItems(header, 'PresentationLUTSequence'), 'unchanged')
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
