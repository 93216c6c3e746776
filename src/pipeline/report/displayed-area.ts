import type { Dataset } from '../../dicom/dataset.ts'
import { referencedSop } from './content-item.ts'
import type { ReportImage } from './report-input.ts'
import { decimalString, matrixOf, pixelSpacingOf } from './source-geometry.ts'
import { sourceNumbers } from './source-header.ts'

/** Spacing where it is known, else the aspect ratio; a state has exactly one of them. */
function proportions(image: ReportImage): Dataset {
  const spacing = pixelSpacingOf(image)
  if (spacing) {
    return { PresentationPixelSpacing: [decimalString(spacing.verticalMm), decimalString(spacing.horizontalMm)] }
  }
  const [vertical = 0, horizontal = 0] = sourceNumbers(image.instance.header, 'PixelAspectRatio')
  const known = Number.isInteger(vertical) && Number.isInteger(horizontal) && vertical > 0 && horizontal > 0
  return { PresentationPixelAspectRatio: known ? [vertical, horizontal] : [1, 1] }
}

/** The whole image, fitted to the screen. Counted from 1, unlike graphics (PS3.3 C.10.4). */
export function displayedArea(image: ReportImage): Dataset {
  const { rows, columns } = matrixOf(image)
  return {
    DisplayedAreaSelectionSequence: [
      {
        ReferencedImageSequence: [referencedSop(image.instance)],
        DisplayedAreaTopLeftHandCorner: [1, 1],
        DisplayedAreaBottomRightHandCorner: [columns, rows],
        PresentationSizeMode: 'SCALE TO FIT',
        ...proportions(image),
      },
    ],
  }
}
