const STORAGE = '1.2.840.10008.5.1.4.1.1.'

export const COMPUTED_RADIOGRAPHY = `${STORAGE}1`
export const DIGITAL_X_RAY_FOR_PRESENTATION = `${STORAGE}1.1`
export const DIGITAL_X_RAY_FOR_PROCESSING = `${STORAGE}1.1.1`
export const SECONDARY_CAPTURE = `${STORAGE}7`
export const CT_IMAGE = `${STORAGE}2`

/** Classes whose instances may be a radiograph; the rest of the header decides (PS3.4 B.5). */
export const RADIOGRAPH_SOP_CLASSES: ReadonlySet<string> = new Set([
  COMPUTED_RADIOGRAPHY,
  DIGITAL_X_RAY_FOR_PRESENTATION,
  DIGITAL_X_RAY_FOR_PROCESSING,
])

/** A class that stores composite instances: the standard's branch, or a vendor's own. */
export const isStorageSopClass = (uid: string): boolean => uid.startsWith(STORAGE) || !uid.startsWith('1.2.840.10008.')
