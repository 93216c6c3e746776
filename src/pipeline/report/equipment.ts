import type { Dataset } from '../../dicom/dataset.ts'
import { CONCEPTS } from './concepts.ts'
import { codeSequence } from './content-item.ts'
import { deviceUid } from './identity.ts'
import type { ReportModel, ReportNode } from './report-input.ts'

/** General Equipment (PS3.3 C.7.5.1) is the node, with the versions of all that ran. */
export function generalEquipment(node: ReportNode, models: readonly ReportModel[]): Dataset {
  return {
    Manufacturer: node.manufacturer,
    ManufacturerModelName: node.modelName,
    ...(node.serialNumber && { DeviceSerialNumber: node.serialNumber }),
    SoftwareVersions: [node.version, ...models.map(({ name, version }) => `${name} ${version}`)],
  }
}

/** Contributing Equipment (PS3.3 C.12.1.1.5): each algorithm is a device of its own, as IHE AIR asks. */
export function contributingEquipment(models: readonly ReportModel[]): Dataset {
  return {
    ContributingEquipmentSequence: models.map((model) => ({
      PurposeOfReferenceCodeSequence: codeSequence(CONCEPTS.processingEquipment),
      Manufacturer: model.manufacturer,
      ManufacturerModelName: model.name,
      SoftwareVersions: model.version,
      DeviceUID: deviceUid([model]),
    })),
  }
}
