import type { Code } from '../../dicom/code.ts'
import type { Dataset } from '../../dicom/dataset.ts'
import type { Point } from '../localize/finding.ts'

/** An item of Content Sequence (0040,A730), PS3.3 C.17.3. */
export type ContentItem = Dataset

export type Relationship =
  | 'CONTAINS'
  | 'HAS CONCEPT MOD'
  | 'HAS OBS CONTEXT'
  | 'HAS ACQ CONTEXT'
  | 'HAS PROPERTIES'
  | 'INFERRED FROM'
  | 'SELECTED FROM'

/** What a reference to an instance needs. */
export interface InstanceReference {
  readonly sopClassUid: string
  readonly sopInstanceUid: string
}

/** A code sequence of one item; meanings are LO, at most 64 characters. */
export function codeSequence({ value, scheme, meaning }: Code): readonly Dataset[] {
  // a value over 16 characters is no SH and has its own attribute (PS3.3 8.8)
  const keyword = value.length > 16 ? 'LongCodeValue' : 'CodeValue'
  return [{ [keyword]: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning }]
}

export function referencedSop({ sopClassUid, sopInstanceUid }: InstanceReference): Dataset {
  return { ReferencedSOPClassUID: sopClassUid, ReferencedSOPInstanceUID: sopInstanceUid }
}

function item(
  relationship: Relationship,
  valueType: string,
  name: Code | null,
  value: Dataset,
  children: readonly ContentItem[],
): ContentItem {
  return {
    RelationshipType: relationship,
    ValueType: valueType,
    ...(name && { ConceptNameCodeSequence: codeSequence(name) }),
    ...value,
    ...(children.length > 0 && { ContentSequence: children }),
  }
}

export function code(
  relationship: Relationship,
  name: Code,
  value: Code,
  children: readonly ContentItem[] = [],
): ContentItem {
  return item(relationship, 'CODE', name, { ConceptCodeSequence: codeSequence(value) }, children)
}

export function text(
  relationship: Relationship,
  name: Code,
  value: string,
  children: readonly ContentItem[] = [],
): ContentItem {
  return item(relationship, 'TEXT', name, { TextValue: value }, children)
}

export function uidRef(relationship: Relationship, name: Code, uid: string): ContentItem {
  return item(relationship, 'UIDREF', name, { UID: uid }, [])
}

/** Date as YYYYMMDD. */
export function date(relationship: Relationship, name: Code, value: string): ContentItem {
  return item(relationship, 'DATE', name, { Date: value }, [])
}

/** Time as HHMMSS. */
export function time(relationship: Relationship, name: Code, value: string): ContentItem {
  return item(relationship, 'TIME', name, { Time: value }, [])
}

/** The value is a DS already (at most 16 characters), so that its number of digits is the caller's choice. */
export function num(
  relationship: Relationship,
  name: Code,
  value: string,
  unit: Code,
  children: readonly ContentItem[] = [],
): ContentItem {
  const measured = { NumericValue: value, MeasurementUnitsCodeSequence: codeSequence(unit) }
  return item(relationship, 'NUM', name, { MeasuredValueSequence: [measured] }, children)
}

/** A closed polyline in image pixels, 0\0 the corner of the first pixel (PS3.3 C.18.6.1.2); first point = last point. */
export function polyline(
  relationship: Relationship,
  name: Code,
  points: readonly Point[],
  image: InstanceReference,
): ContentItem {
  const value = { GraphicType: 'POLYLINE', GraphicData: graphicData(points) }
  return item(relationship, 'SCOORD', name, value, [imageReference('SELECTED FROM', image)])
}

export function graphicData(points: readonly Point[]): readonly number[] {
  return points.flatMap(({ column, row }) => [column, row])
}

export function imageReference(
  relationship: Relationship,
  image: InstanceReference,
  children: readonly ContentItem[] = [],
): ContentItem {
  return item(relationship, 'IMAGE', null, { ReferencedSOPSequence: [referencedSop(image)] }, children)
}

export interface ContainerOptions {
  readonly templateIdentifier?: string
  readonly observationUid?: string
}

export function container(name: Code, children: readonly ContentItem[], options: ContainerOptions = {}): ContentItem {
  return item('CONTAINS', 'CONTAINER', name, containerValue(options), children)
}

/** Only CONTAINERs say which template they follow (PS3.3 C.18.8). */
export function containerValue({ templateIdentifier, observationUid }: ContainerOptions): Dataset {
  return {
    ContinuityOfContent: 'SEPARATE',
    ...(templateIdentifier && {
      ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: templateIdentifier }],
    }),
    ...(observationUid && { ObservationUID: observationUid }),
  }
}
