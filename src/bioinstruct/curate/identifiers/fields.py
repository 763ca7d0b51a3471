"""Values that stand in a structure: the columns of a table, the keys of JSON and XML, the lines of a form.

What a field is called says what its value is; the value must look like one of its kind. So a value is found in whatever order and company
it stands, and a column of numbers without any label beside them. Messages of HL7 and X12 are in `messages.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bioinstruct.curate.identifiers.field_values import value_of
from bioinstruct.curate.identifiers.labels import NUMBER_WORDS, ending, tokens
from bioinstruct.curate.identifiers.pattern import Searched, each


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(",") if phrase.strip())


FIELDS = {
    "date": _phrases(
        "date, dates, dob, d/o/b, birth date, birthdate, date of birth, born, birthday, birth, admitted, admission, "
        "admit, discharged, discharge, "
        "dos, doi, doa, dod, date of service, date of injury, date of admission, date of discharge, date of surgery, "
        "date of death, date of visit, "
        "date of exam, collected, received, ordered, drawn, performed, reported, printed, signed, dictated, transcribed, "
        "verified, resulted, "
        "effective, eff, expires, expiry, valid from, valid thru, valid until, term, termination, lmp, edd, edc, sent, "
        "seen, last seen, last "
        "visit, next visit, next appt, next appointment, appointment, appt, onset, surgery, start, started, stop, "
        "stopped, end, from date, to date, dated, "
        "due, due date, next due, filled, last filled, given, administered, implanted, implant date, recorded, created, "
        "updated, date/time, date of "
        "procedure, date of operation, date of onset, date signed, birth_date, last dose, last period, review date, visit, when, day, "
        "date of report, date of collection, date of referral, date of first contact, effective date, timestamp, period, "
        "service date, served, arrival, arrived, departed"
    ),
    "age_over_89": _phrases(
        "age, ages, age sex, age gender, patient age, age at visit, age in years, age yrs, age yr, alter, edad, age at "
        "death, age at diagnosis, age at enrollment, yrs"
    ),
    "phone": _phrases(
        "phone, telephone, tel, tel no, cell, mobile, mob, home phone, work phone, cell phone, contact phone, contact "
        "number, daytime phone, "
        "phone number, telephone number, phone no, callback, pager, telecom, evening phone, tty, landline, mobile "
        "number, emergency phone, ph, "
        "home tel, work tel, day phone, night phone, phone home, phone work, phone cell, direct line, whatsapp, hotline, "
        "home no, mobile no, call back number"
    ),
    "fax": _phrases("fax, fax number, fax no, facsimile, telefax, fx, office fax, pharmacy fax, fax to, fax from"),
    "address": _phrases(
        "address, addr, street, street address, home address, mailing address, address line, line, city, town, county, "
        "zip, zip code, postal "
        "code, postcode, post code, city state zip, city st zip, city/state/zip, birthplace, place of birth, residence, "
        "village, suburb, postalcode, zipcode, address 1, address1, addr1, "
        "billing address, permanent address, current address, plz, ort, ship to, deliver to, hometown, district"
    ),
    "name": _phrases(
        "name, patient name, patient, pt name, last name, first name, given name, family name, surname, forename, maiden "
        "name, middle name, "
        "preferred name, legal name, full name, mother, father, guardian, mothers name, fathers name, family, given, "
        "last, first, surgeon, "
        "attending, attending physician, provider, physician, doctor, nurse, contact, contact name, caller, emergency "
        "contact, next of kin, nok, insured, "
        "subscriber, guarantor, guarantor name, insured name, subscriber name, referring, referring physician, ordering "
        "physician, ordering provider, pcp, "
        "author, signer, interpreter, performer, practitioner, resident, assistant, anesthesiologist, anesthetist, "
        "scribe, witness, client, "
        "spouse, parent, child, employee, attn, operator, technologist, radiologist, pathologist, dictated by, signed "
        "by, ordered by, seen by, "
        "read by, collected by, entered by, prescriber, midwife, consultant, therapist, lastname, firstname, fullname, "
        "patientname, surname forename, rn, "
        "adjuster, claimant, member, enrollee, beneficiary, policyholder, account holder, acct holder, card holder, name on card, "
        "co-investigators, discharging nurse, requested by, requester, applicant, decedent, owner, attorney, complainant, reporter, "
        "obtained by, consent obtained by, taken by, prepared by, completed by, reviewed by, approved by, "
        "witnessed by, interpreted by, performed by, assessed by, typed by, verified by, checked by, "
        "staff, driver, who, sender, recipient, relative, carer, caregiver, mrs, mr, subject name, donor name, "
        "clinician, user, cardholder"
    ),
}
"""Kind -> what fields are called that hold a date, an age, a telephone number, a place or a person; of the others see `labels.py`."""
_EXACT_ONLY = frozenset(
    each(
        "day when visit period term start end line last first family given who user driver staff rn born address ages "
        "yrs start stop sent seen "
        "line city town county name contact client child provider nurse patient resident subject district report due given surgery"
    )
)
"""Words that name such a field only where they are all of its name: the patient's line, not the telephone line."""
_NOT_NAMES = frozenset(
    each(
        "drug brand generic trade chemical common scientific test gene file product study disease medicine "
        "species compound company hospital "
        "facility clinic pharmacy school employer insurance plan domain host field table variable protein condition procedure device "
        "medication substance category organization department user group payer ward unit column class server image event"
    )
)
_FIELD = {phrase: kind for kind, phrases in FIELDS.items() for phrase in phrases}
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|_|(?<=[a-z])/(?=[a-z])|\*")
_CODES = frozenset({"medical_record", "health_plan", "account", "licence", "device", "vehicle", "ssn"})


def named(field: str) -> str | None:
    """The kind that a field, a column or a key of this name holds."""
    field = _CAMEL.sub(" ", _BRACKETS.sub(" ", field)).replace("/", " ") if len(field) <= 64 else ""
    words = tokens(field)
    if not 1 <= len(words) <= 6:
        return None
    phrase = " ".join(word.word for word in words)
    if phrase in _FIELD:
        return _FIELD[phrase]
    if len(words) > 1 and words[-1].word == "name":
        return None if words[-2].word in _NOT_NAMES else "name"
    label = ending(words, len(words))
    if label and label.kind:
        return label.kind
    for length in (3, 2, 1):
        last = " ".join(word.word for word in words[-length:])
        if len(words) > length and last in _FIELD and last not in _EXACT_ONLY:
            return _FIELD[last]
    return _FIELD.get(words[0].word) if len(words) == 2 and words[1].word in NUMBER_WORDS else None


# Tables

_SEPARATORS = (("|", 2), ("\t", 2), (";", 2), (",", 3))
"""Signs between columns, and how many columns a table with them has at least."""
_OF_PERSONS = {"medical_record", "age_over_89", "ssn", "phone", "address", "health_plan", "account"}
"""What else a table holds whose names are those of persons."""
_RULE = re.compile(r"[\s|:+=-]*")


def _cells(line: str, start: int, separator: str) -> list[tuple[int, int]]:
    cells, place = [], start
    for piece in line.split(separator):
        left = len(piece) - len(piece.lstrip())
        cells.append((place + left, place + max(left, len(piece.rstrip()))))
        place += len(piece) + len(separator)
    return cells


def _header(line: str, separator: str, fewest: int) -> list[str | None] | None:
    """The kinds of the columns, if a line is the head of a table that holds any."""
    pieces = [piece.strip() for piece in line.split(separator)]
    if len(pieces) < fewest or len(pieces) > 40 or any(len(piece) > 40 for piece in pieces):
        return None
    if sum(map(str.isdigit, line)) > 4 or line.rstrip().endswith((".", "?", "!")):
        return None
    if separator == "," and any(piece.count(" ") > 1 for piece in pieces):
        return None
    kinds = [named(piece) if piece else None for piece in pieces]
    if "name" in map(str.lower, pieces) and not (_OF_PERSONS & set(kinds) or re.search(r"(?i)\bdob\b|birth", line)):
        kinds = [None if piece.lower() == "name" else kind for piece, kind in zip(pieces, kinds, strict=True)]  # of drugs or diseases
    return kinds if any(kinds) else None


def _tables(text: str) -> Iterator[tuple[str, int, int]]:
    """Kind, start and end of the cells of columns whose head says what they hold."""
    if "\n" not in text:
        return
    columns: list[str | None] | None = None
    separator, place = "", 0
    for line in text.split("\n"):
        start, place = place, place + len(line) + 1
        if columns is not None and _RULE.fullmatch(line) and line.strip():
            continue
        if columns is not None and line.count(separator) + 1 == len(columns):
            for kind, (begin, end) in zip(columns, _cells(line, start, separator), strict=True):
                if kind and begin < end:
                    yield kind, begin, end
            continue
        columns = None
        for sign, fewest in _SEPARATORS:
            if line.count(sign) >= fewest - 1 and (columns := _header(line, sign, fewest)):
                separator = sign
                break


# Keys of JSON, XML and addresses

_KEY_VALUE = re.compile(
    r"\"(?P<key>[A-Za-z_][\w .-]{0,30})\"\s{0,4}:\s{0,4}\[?\s{0,4}\"?(?P<value>[^\"\n{}\[\]]{1,90}?)(?=\"|\s{0,4}[,}\n\]]|$)|"
    r"<(?P<tag>[A-Za-z_][\w:.-]{1,30})(?:\s[^<>]{0,80})?>\s{0,4}(?P<content>[^<>\n]{1,90})\s{0,4}</|"
    r"(?<![\w.])(?P<name>[A-Za-z_][A-Za-z_]{1,24})=(?P<text>[^\s&;,\"'<>]{2,60})"
)
_VALUE_KEYS = frozenset({"value", "number", "val", "text", "content", "id", "v", "answer"})
_KIND_KEYS = frozenset({"type", "system", "use", "code", "label", "name", "field", "display", "key", "question", "kind", "text"})


def _keys(text: str) -> Iterator[tuple[str, int, int]]:
    """Kind, start and end of values whose key, or the value of a key such as "type" beside it, says what they are."""
    if '"' not in text and "</" not in text and "=" not in text:
        return
    about: tuple[str, int] | None = None
    waiting: tuple[int, int] | None = None
    for match in _KEY_VALUE.finditer(text):
        group = match.lastgroup or ""
        key = (match["key"] or match["tag"] or match["name"]).lower()
        start, end = match.span({"value": "value", "content": "content"}.get(group, group))
        kind = None if key in _VALUE_KEYS else named(match["key"] or match["tag"] or match["name"])
        said = "medical_record" if text[start:end] == "MR" else named(text[start:end]) if key in _KIND_KEYS else None
        if key in _KIND_KEYS and said:
            about = said, end
            if waiting and start - waiting[1] < 60:
                yield said, *waiting
        elif key in _VALUE_KEYS:
            waiting = start, end
            if about and start - about[1] < 90:
                yield about[0], start, end
                about = None
        if kind and key not in ("type", "use", "system"):
            yield kind, start, end
        place = end
        if match["key"] and (listed := re.match(r"\",\s?\"([^\"\n]{1,40})\"\s?\]", text[place : place + 60])) and kind:
            yield kind, place + listed.start(1), place + listed.end(1)


# Lines of forms

_MARK = re.compile(r"(?:[:=](?!//)|(?<!\.)\.{3,60}:?|(?<!_)_{2,60}|(?<!\.)(?:[ \t]\.){3,30})[ \t_.]{0,60}")
_ENDS = re.compile(r"[ \t]{2,}|[\n;|]|$")
_BEGINS = re.compile(r"[ \t]{2,}|[\n;|,.(?!]|(?<=\w)\)")
_FORM_KINDS = frozenset({"date", "age_over_89", "address", "name", "phone", "fax"})


def _forms(text: str) -> Iterator[tuple[str, int, int]]:
    """Kind, start and end of what stands behind the name of a field and a colon, an equals sign, or a line to write on."""
    for mark in _MARK.finditer(text):
        before = text[max(0, mark.start() - 44) : mark.start()]
        bare = _BRACKETS.sub(lambda part: " " * len(part[0]), before)
        field = (
            re.split(r"[ \t]{2,}|[\n;|,.?!]", bare.rstrip())[-1]
            if "." not in bare[-8:]
            else re.split(r"[ \t]{2,}|[\n;|,?!]", bare.rstrip())[-1]
        )
        kind = named(field)
        if kind in _FORM_KINDS:
            stop = _ENDS.search(text, mark.end(), mark.end() + 90)
            yield kind, mark.end(), stop.start() if stop else min(len(text), mark.end() + 90)


class Fields:
    """Values by the name of their field; searched like a pattern, but for several kinds."""

    digits = 0

    def search(self, searched: Searched) -> Iterator[tuple[int, int, str]]:
        """Start, end and kind of each value in a text whose field says what it is, and that looks like one."""
        text = searched.text
        for source in (_tables, _keys, _forms):
            for kind, start, end in source(text):
                if span := value_of(kind, text, start, end, whole=source is not _forms):
                    yield *span, kind


FIELD_VALUES = Fields()
