import type { Dataset } from '../../dicom/dataset.ts'
import { graphicData, referencedSop } from './content-item.ts'
import { footerText } from './disclaimer.ts'
import { placeLabels, type PlacedLabel } from './label-placement.ts'
import { LAYERS, type LayerName } from './layers.ts'
import { regionLabel } from './region-label.ts'
import type { ReportImage } from './report-input.ts'
import type { ReportRegion } from './report-region.ts'
import { matrixOf } from './source-geometry.ts'

/** The same tracking UID as in the SR, so that a viewer can link what it draws to the finding. */
function outline(region: ReportRegion): Dataset {
  return {
    GraphicAnnotationUnits: 'PIXEL',
    GraphicDimensions: 2,
    NumberOfGraphicPoints: region.points.length,
    GraphicData: graphicData(region.points),
    GraphicType: 'POLYLINE',
    GraphicFilled: 'N',
    TrackingID: region.trackingIdentifier,
    TrackingUID: region.trackingUid,
  }
}

function label(region: ReportRegion, { box, anchor }: PlacedLabel): Dataset {
  return {
    UnformattedTextValue: regionLabel(region.finding),
    BoundingBoxAnnotationUnits: 'PIXEL',
    BoundingBoxTopLeftHandCorner: [box.left, box.top],
    BoundingBoxBottomRightHandCorner: [box.right, box.bottom],
    BoundingBoxTextHorizontalJustification: 'LEFT',
    AnchorPointAnnotationUnits: 'PIXEL',
    AnchorPoint: [anchor.column, anchor.row],
    AnchorPointVisibility: 'N',
  }
}

/** In display units, 0 to 1 of the displayed area, so that it stays at the foot of the picture at every zoom. */
function footer(image: ReportImage): Dataset {
  return {
    UnformattedTextValue: footerText(image.analyses.map(({ model }) => model)),
    BoundingBoxAnnotationUnits: 'DISPLAY',
    BoundingBoxTopLeftHandCorner: [0.01, 0.96],
    BoundingBoxBottomRightHandCorner: [0.99, 0.995],
    BoundingBoxTextHorizontalJustification: 'LEFT',
  }
}

/** Graphic Annotation (PS3.3 C.10.5): boxes, weak outlines and words, each on a layer that can be switched off. */
export function graphicAnnotations(image: ReportImage, regions: readonly ReportRegion[]): Dataset {
  const labels = regions.map(({ finding, box }) => ({ text: regionLabel(finding), region: box }))
  const placed = placeLabels(labels, matrixOf(image))
  const texts = regions.flatMap((region, at) => {
    const place = placed[at]
    return place ? [label(region, place)] : []
  })
  const content: Readonly<Record<LayerName, Dataset>> = {
    AI_BOXES: { GraphicObjectSequence: regions.filter(({ method }) => method === 'detected').map(outline) },
    AI_CAM: { GraphicObjectSequence: regions.filter(({ method }) => method === 'weakly-localized').map(outline) },
    AI_TEXT: { TextObjectSequence: [...texts, footer(image)] },
  }
  const used = LAYERS.filter(({ name }) => Object.values(content[name]).flat().length > 0)
  return {
    GraphicLayerSequence: used.map(({ name, order, description, gray, cieLab }) => ({
      GraphicLayer: name,
      GraphicLayerOrder: order,
      GraphicLayerRecommendedDisplayGrayscaleValue: gray,
      GraphicLayerRecommendedDisplayCIELabValue: cieLab,
      GraphicLayerDescription: description,
    })),
    GraphicAnnotationSequence: used.map(({ name }) => ({
      ReferencedImageSequence: [referencedSop(image.instance)],
      GraphicLayer: name,
      ...content[name],
    })),
  }
}
