#!/usr/bin/env python3
"""Writes demo/*.dcm from NEMA's WG04 compression samples, which PyPI's pydicom-data carries.

    pip download --no-deps pydicom-data==1.0.0 && unzip pydicom_data-1.0.0-*.whl -d samples
    python3 scripts/make-demo-radiographs.py samples/data_store/data demo

Needs pydicom (2.3 or later), numpy, and dcmcjpls of dcmtk. The header is made anew: technique and equipment are kept,
nothing of a person or a hospital is. UIDs are derived from the source's, so that the files are the same each time.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

KEPT = """SOPClassUID Modality Manufacturer BodyPartExamined ViewPosition KVP DistanceSourceToDetector ExposureTime
Exposure PlateType PatientOrientation ImageType Rows Columns SamplesPerPixel PhotometricInterpretation BitsAllocated
BitsStored HighBit PixelRepresentation WindowCenter WindowWidth LossyImageCompression Laterality""".split()
EMPTY = "PatientBirthDate PatientSex ReferringPhysicianName SeriesNumber".split()


def main(source, target):
    chest = dcmread(source / "RG1_UNCR.dcm")
    lossy = dcmread(source / "RG1_J2KI.dcm")
    lossy.LossyImageCompressionRatio = f"{chest.Rows * chest.Columns * 2 / (source / 'RG1_J2KI.dcm').stat().st_size:.1f}"
    lossy.LossyImageCompressionMethod = "ISO_15444_1"
    write(header(lossy, "1", "chest"), lossy.PixelData, target / "chest-j2k-lossy.dcm")

    small = header(chest, "2", "chest")
    pixels = halved(chest.pixel_array)
    top = (1 << chest.BitsStored) - 1
    small.Rows, small.Columns = pixels.shape
    small.PhotometricInterpretation = "MONOCHROME2"
    small.WindowCenter = top - int(chest.WindowCenter)
    small.DerivationDescription = "Averaged 2 x 2, then inverted from MONOCHROME1"
    small.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    native = target / "native.part"
    write(small, (top - pixels).astype("<u2").tobytes(), native)
    subprocess.run(["dcmcjpls", "+ud", "+un", native, target / "chest-half-jpegls.dcm"], check=True)
    native.unlink()

    tibia = dcmread(source / "RG3_J2KR.dcm")
    write(header(tibia, "3", "tibia"), tibia.PixelData, target / "tibia-j2k.dcm")


def header(source, number, what):
    """Technique and picture of the source, a study of its own, and nobody's name."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = source.file_meta.TransferSyntaxUID
    meta.MediaStorageSOPClassUID = source.SOPClassUID
    meta.MediaStorageSOPInstanceUID = derived(source, number, "instance")
    meta.ImplementationClassUID = UID("2.25.305828488182831875890203105390285383139")
    made = FileDataset(None, Dataset(), file_meta=meta, preamble=b"\0" * 128)
    for keyword in KEPT:
        if source.get(keyword) not in (None, ""):
            setattr(made, keyword, source.get(keyword))
    for keyword in EMPTY:
        setattr(made, keyword, None)
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    made.StudyInstanceUID = derived(source, number, "study")
    made.SeriesInstanceUID = derived(source, number, "series")
    made.PatientName, made.PatientID = "DEMO^HILUM", f"HILUM-DEMO-{number}"
    made.AccessionNumber, made.StudyID, made.InstanceNumber = f"DEMO{number}", number, 1
    made.StudyDate = made.SeriesDate = made.ContentDate = "20260101"
    made.StudyTime = made.SeriesTime = made.ContentTime = "120000"
    made.StudyDescription = f"Hilum demo, {what}"
    made.SeriesNumber = 1
    made.ImageType = ["DERIVED", "PRIMARY"]
    return made


def derived(source, number, level):
    digest = hashlib.sha256(f"hilum-demo\x1f{number}\x1f{level}\x1f{source.SOPInstanceUID}".encode()).digest()
    return UID(f"2.25.{int.from_bytes(digest[:16], 'big')}")


def halved(pixels):
    rows, columns = (size // 2 * 2 for size in pixels.shape)
    blocks = pixels[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2).astype(np.uint32)
    return ((blocks.sum(axis=(1, 3)) + 2) // 4).astype(np.uint16)


def write(made, pixel_data, path):
    made.PixelData = pixel_data
    made["PixelData"].is_undefined_length = made.file_meta.TransferSyntaxUID.is_compressed
    made["PixelData"].VR = "OB" if made.file_meta.TransferSyntaxUID.is_compressed else "OW"
    made.is_little_endian, made.is_implicit_VR = True, False
    made.save_as(path, write_like_original=False)


main(Path(sys.argv[1]), Path(sys.argv[2]))
