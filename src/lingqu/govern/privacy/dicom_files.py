"""Take the patient out of DICOM files: the basic confidentiality profile.

Source: DICOM PS3.15 2024e, annex E, table E.1-1, "Basic Application Level Confidentiality
Profile": X removes, Z empties, U replaces identifiers alike in all files. Own: dates and free
texts that the table does not name are treated as those that it names.
"""

from __future__ import annotations

import hmac
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pydicom import Dataset as Dicom
from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)

from lingqu.govern.privacy.picture_files import BadPicture
from lingqu.govern.privacy.rules import words
from lingqu.store.vault import MaskKey

EMPTIED = frozenset(
    words(
        "AccessionNumber PatientName PatientID PatientBirthDate PatientSex ReferringPhysicianName "
        "StudyDate StudyTime StudyID ContentDate ContentTime ContentCreatorName "
        "FillerOrderNumberImagingServiceRequest PlacerOrderNumberImagingServiceRequest "
        "VerifyingObserverName PersonName"
    )
)
"""Type 2 elements that must be there, with nothing in them (Z)."""
REMOVED = frozenset(
    words(
        "AcquisitionComments AcquisitionContextSequence AcquisitionDeviceProcessingDescription "
        "AcquisitionFieldOfViewLabel ActualHumanPerformersSequence AdditionalPatientHistory "
        "AdmissionID AdmittingDate AdmittingDiagnosesDescription AdmittingTime "
        "AffectedSOPInstanceUID Allergies Arbitrary AuthorObserverSequence BranchOfService "
        "CassetteID CommentsOnThePerformedProcedureStep "
        "ConfidentialityConstraintOnPatientDataDescription ConsultingPhysicianName "
        "ContentCreatorIdentificationCodeSequence ContributionDescription CountryOfResidence "
        "CurrentPatientLocation CustodialOrganizationSequence DataSetTrailingPadding "
        "DerivationDescription DetectorID DeviceSerialNumber DigitalSignaturesSequence "
        "DistributionAddress DistributionName EthnicGroup FrameComments GantryID GeneratorID "
        "HumanPerformerName HumanPerformerOrganization IconImageSequence IdentifyingComments "
        "ImageComments ImagePresentationComments ImagingServiceRequestComments Impressions "
        "InstitutionAddress InstitutionCodeSequence InstitutionName InstitutionalDepartmentName "
        "InsurancePlanIdentification IntendedRecipientsOfResultsIdentificationSequence "
        "InterpretationApproverSequence InterpretationAuthor InterpretationDiagnosisDescription "
        "InterpretationIDIssuer InterpretationRecorder InterpretationText "
        "InterpretationTranscriber IssuerOfAdmissionID IssuerOfPatientID IssuerOfServiceEpisodeID "
        "MedicalAlerts MedicalRecordLocator MilitaryRank ModifiedAttributesSequence "
        "ModifiedImageDescription ModifyingDeviceID NameOfPhysiciansReadingStudy "
        "NamesOfIntendedRecipientsOfResults Occupation OperatorIdentificationSequence "
        "OperatorsName OrderCallbackPhoneNumber OrderEnteredBy OrderEntererLocation "
        "OriginalAttributesSequence OtherPatientIDs OtherPatientIDsSequence OtherPatientNames "
        "OverlayComments OverlayData ParticipantSequence PatientAddress PatientAge "
        "PatientBirthName PatientBirthTime PatientComments PatientInstitutionResidence "
        "PatientInsurancePlanCodeSequence PatientMotherBirthName "
        "PatientPrimaryLanguageCodeSequence PatientReligiousPreference PatientSexNeutered "
        "PatientSize PatientState PatientTelephoneNumbers PatientTransportArrangements "
        "PatientWeight PerformedLocation PerformedProcedureStepDescription "
        "PerformedProcedureStepID PerformedStationAETitle PerformedStationName "
        "PerformingPhysicianIdentificationSequence PerformingPhysicianName PersonAddress "
        "PersonIdentificationCodeSequence PersonTelephoneNumbers PhysicianApprovingInterpretation "
        "PhysiciansOfRecord PhysiciansOfRecordIdentificationSequence "
        "PhysiciansReadingStudyIdentificationSequence PlateID PreMedication PregnancyStatus "
        "ProtocolName ReasonForStudy ReasonForTheImagingServiceRequest ReferencedPatientSequence "
        "ReferencedStudySequence ReferringPhysicianAddress "
        "ReferringPhysicianIdentificationSequence ReferringPhysicianTelephoneNumbers "
        "RegionOfResidence RequestAttributesSequence RequestedContrastAgent "
        "RequestedProcedureComments RequestedProcedureDescription RequestedProcedureID "
        "RequestedProcedureLocation RequestingPhysician RequestingService ResponsibleOrganization "
        "ResponsiblePerson ResultsComments ResultsDistributionListSequence ReviewerName "
        "ScheduledHumanPerformersSequence ScheduledPatientInstitutionResidence "
        "ScheduledPerformingPhysicianName ScheduledProcedureStepDescription "
        "ScheduledProcedureStepID ScheduledStationAETitle ScheduledStationName "
        "ScheduledStudyLocation SeriesDescription ServiceEpisodeDescription ServiceEpisodeID "
        "SmokingStatus SpecialNeeds StationName StudyComments StudyDescription StudyIDIssuer "
        "TelephoneNumberTrial TextComments TextString TimezoneOffsetFromUTC TopicAuthor "
        "TopicKeywords TopicSubject TopicTitle VerifyingObserverSequence VerifyingOrganization "
        "VisitComments"
    )
)
"""Elements of the table that are taken out (X)."""
_DATES = frozenset(("DA", "DT", "TM"))
_TEXTS = frozenset(("LT", "ST", "UT", "AE"))
_SAFE_TEXTS = frozenset(("CodeMeaning", "LossyImageCompressionMethod"))
_FIXED = frozenset(
    words(
        "SOPClassUID TransferSyntaxUID MediaStorageSOPClassUID ImplementationClassUID "
        "ReferencedSOPClassUID CodingSchemeUID MappingResourceUID ContextUID "
        "ContextGroupExtensionCreatorUID RelatedGeneralSOPClassUID OriginalSpecializedSOPClassUID "
        "FailedSOPInstanceUIDList"
    )
)
"""Identifiers of kinds, the same for everybody (not replaced)."""
METHOD = "Lingqu: PS3.15 Basic Confidentiality Profile"
_BROKEN = (
    InvalidDicomError,
    BytesLengthException,
    EOFError,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    struct.error,
)
_SCREENS = frozenset(("US", "SC", "OT", "XC", "ES", "GM", "ECG", "IVUS", "DOC"))
"""Modalities whose pictures often show the patient's name when nothing is said about it."""


@dataclass
class Cleaned:
    """What became of one file.

    Args:
        data: The file, without the patient.
        removed: Keywords of elements that were taken out or emptied; ``private`` counts as one.
        replaced: Identifiers that were replaced.
        burned_in: ``yes`` and ``no`` as the file says, ``unknown`` where it says nothing and its
            kind of picture often shows text; then somebody must look.
    """

    data: bytes
    removed: list[str] = field(default_factory=list)
    replaced: int = 0
    burned_in: str = "no"


def cleaned(data: bytes, key: MaskKey, keep: frozenset[str] = frozenset()) -> Cleaned:
    """Return a DICOM file without what tells of the patient; the pixels stay as they are.

    Args:
        data: The file.
        key: Identifiers are replaced by a keyed hash, alike in all files of one key, and the
            patient's number becomes a token that links a patient's files.
        keep: Keywords of elements that stay, such as ``PatientSex`` for a model that needs it.

    Raises:
        BadPicture: It is no DICOM file.
    """
    with warnings.catch_warnings():
        # Old files break rules of spelling; what is wrong with them is none of our business here.
        warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
        try:
            return _cleaned(dcmread(BytesIO(data)), key, keep)
        except _BROKEN as error:
            raise BadPicture(str(error)) from error


def _cleaned(dicom: Dicom, key: MaskKey, keep: frozenset[str]) -> Cleaned:
    done = Cleaned(b"", burned_in=burned_in(dicom))
    secret = key.derive("dicom", 32)
    patient = str(dicom.get("PatientID", "") or "")
    private = sum(element.tag.is_private for element in dicom.iterall())
    if private:
        dicom.remove_private_tags()
        done.removed.append("private")
    for dataset in (dicom, dicom.file_meta):
        _walk(dataset, keep, secret, done)
    if patient and "PatientID" not in keep:
        dicom.PatientID = hmac.digest(secret, patient.encode(), "sha256").hex()[:16]
    dicom.PatientIdentityRemoved = "YES"
    dicom.DeidentificationMethod = METHOD
    dicom.DeidentificationMethodCodeSequence = [_profile()]
    dicom.preamble = bytes(128)
    _complete(dicom)
    out = BytesIO()
    dicom.save_as(out, enforce_file_format=True)
    done.data = out.getvalue()
    done.removed.sort()
    return done


def _complete(dicom: Dicom) -> None:
    """Give a header what every file must say, where an old one does not say it."""
    meta = dicom.file_meta
    if not meta.get("MediaStorageSOPClassUID"):
        meta.MediaStorageSOPClassUID = dicom.get("SOPClassUID") or SecondaryCaptureImageStorage
    if not meta.get("MediaStorageSOPInstanceUID"):
        meta.MediaStorageSOPInstanceUID = dicom.get("SOPInstanceUID") or "2.25.1"
    if not meta.get("TransferSyntaxUID"):
        implicit, little = dicom.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit


def _walk(dataset: Dicom, keep: frozenset[str], secret: bytes, done: Cleaned) -> None:
    for element in list(dataset):
        action = _action(element, keep)
        if action == "X":
            done.removed.append(element.keyword or f"{element.tag}")
            del dataset[element.tag]
        elif action == "Z":
            if element.value not in ("", None):
                done.removed.append(element.keyword)
            element.value = "" if element.VR in _DATES or element.VR == "PN" else None
        elif action == "U":
            done.replaced += 1
            element.value = _replaced(element.value, secret)
        elif element.VR == "SQ":
            for item in element.value:
                _walk(item, keep, secret, done)


def _action(element: DataElement, keep: frozenset[str]) -> str:
    keyword, kind = element.keyword, element.VR
    if keyword in keep:
        return ""
    if keyword in EMPTIED:
        return "Z"
    group = element.tag.group
    if keyword in REMOVED or group & 0xFF00 == 0x5000:
        return "X"
    if group & 0xFF00 == 0x6000 and element.tag.element in (0x3000, 0x4000):
        return "X"
    if kind == "UI" and keyword not in _FIXED:
        return "U"
    if kind == "PN":
        return "Z"
    if kind in _DATES:
        return "X"
    if kind in _TEXTS and keyword not in _SAFE_TEXTS:
        return "X"
    return ""


def _replaced(value: Any, secret: bytes) -> Any:
    """Return identifiers of the tree 2.25, which anybody may make, from keyed hashes."""
    if value in ("", None):
        return value
    if isinstance(value, str):
        number = int.from_bytes(hmac.digest(secret, value.encode(), "sha256")[:16], "big")
        return f"2.25.{number}"
    return [_replaced(str(part), secret) for part in value]


def _profile() -> Dicom:
    code = Dicom()
    code.CodeValue = "113100"
    code.CodingSchemeDesignator = "DCM"
    code.CodeMeaning = "Basic Application Confidentiality Profile"
    return code


def burned_in(dicom: Dicom) -> str:
    """Say whether names may stand in the pixels: as the file says, or by its kind."""
    said = str(dicom.get("BurnedInAnnotation", "") or "").upper()
    if said in ("YES", "NO"):
        return said.lower()
    return "unknown" if str(dicom.get("Modality", "")).upper() in _SCREENS else "no"


def named(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield keyword and value of what still tells of a patient: what `cleaned` would take out."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
        elements = list(dcmread(BytesIO(data)).iterall())
    for element in elements:
        if element.tag.is_private:
            yield f"{element.tag}", "private"
        elif element.keyword == "PatientID" or element.value in ("", None):
            continue
        elif _action(element, frozenset()) in ("X", "Z"):
            yield element.keyword, str(element.value)[:40]
