"""Labels of identifiers as tables: what forms, tables, messages and sentences call a number, a day, a person or a place.

A label is found by looking its words up, not by an expression: `nearest` says what the words beside a value call it, `named` what a field,
a column or a key is for. Words are compared in small letters, without points and possessives: "M.R.N.", "Insured's I.D. number".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bioinstruct.curate.identifiers.pattern import each

NUMBER_WORDS = frozenset(each("number numbers no nos nr num nbr numb id ids identifier identification # № code ref reference pin tag"))
"""Words that make a label of a noun: "patient" is none, "patient no." is one."""


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in text.replace("\n", " ").split(",") if phrase.strip())


NOUNS = {
    "medical_record": _phrases(
        "patient, pt, client chart, chart, hospital, hosp, unit, ur, u/r, record, records, health record, medical "
        "record, medical records, "
        "med rec, medrec, med record, medical rec, case, file, folder, clinic, encounter, enc, visit, admission, adm, "
        "admit, accession, acc, "
        "specimen, spec, sample, slide, block, biopsy, path, pathology, surgical pathology, cytology, lab, laboratory, "
        "requisition, req, exam, "
        "subject, study subject, study, participant, donor, wristband, armband, bracelet, mr, epic, nhs, chi, hsc, h&c, "
        "emr, ehr, mpi, cmrn, "
        "radiology, imaging, episode, inpatient, outpatient, resident, blood bank, unit record, screening, enrollment, randomization, "
        "patient file, patient record, patient chart, report, pat"
    ),
    "health_plan": _phrases(
        "member, mbr, mem, memb, membership, subscriber, subscr, sub, policy, policyholder, policy holder, pol, "
        "insurance, ins, insured, insurer, "
        "insurance policy, insurance card, plan, health plan, health insurance, beneficiary, bene, medicare beneficiary, recipient, "
        "medicaid recipient, group, grp, gp, enrollee, enrolee, dependent, contract, rx, rxgrp, rx group, rx member, medicare, medicaid, "
        "medi-cal, bcbs, blue cross, blue shield, aetna, cigna, humana, uhc, united healthcare, unitedhealthcare, "
        "kaiser, anthem, tricare, "
        "dod, dod benefits, va, vsp, delta dental, ohip, hmo, ppo, epo, payer, payor, coverage, cardholder, health card, "
        "member card, member card, hic, medigap, molina, wellcare, centene, bupa, sponsor, certificate/policy, policy "
        "group, patient insurance, primary "
        "insurance, secondary insurance, dental plan, vision plan, pharmacy plan, dental, vision, fund, health fund, "
        "sick fund, national insurance"
    ),
    "account": _phrases(
        "pat cntl, patient control, pt control, cntl, fin, konto, kontonummer, account, accounts, acct, "
        "acc't, a/c, ac, patient account, patient acct, hospital "
        "account, bank account, bank acct, guarantor, guar, "
        "guarantor account, billing, bill, invoice, inv, statement, stmt, claim, claims, clm, receipt, rcpt, transaction, trans, txn, "
        "confirmation, conf, payment, pmt, payment plan, order, purchase order, po, customer, cust, client, loan, "
        "mortgage, remit, remittance, voucher, "
        "check, cheque, deposit, money order, routing, aba, tax, employer, taxpayer, financial, fin, collections, "
        "collection, collections file, "
        "collection agency, agency, medical payment plan, collections acct, utility, checking, savings, bank, our, your, quote, har, "
        "hsa, fsa, hra, insurance claim, settlement, estimate, debit, credit, wire, transfer, eob, checking account, "
        "savings account, credit "
        "account, ledger, encounter account, trace, trn"
    ),
    "licence": _phrases(
        "driver, arrt, nbrc, ascp, nremt, ardms, license, licence, lic, driver's license, drivers license, "
        "driver license, driver licence, driving licence, dl, "
        "d/l, cdl, passport, visa, permit, "
        "work permit, parking permit, certificate, cert, certification, registration, reg, registry, registrant, "
        "credential, gmc, nmc, hcpc, gdc, gphc, ahpra, upin, "
        "clia, rn, lpn, lvn, np, pa, rph, lcsw, lmft, lmhc, lpc, emt, dds, dmd, cna, crna, state, state id, photo, "
        "government, national, birth certificate, death certificate, "
        "marriage certificate, marriage license, board, board cert, board certification, medical license, med lic, "
        "nursing license, pharmacy "
        "license, identification card, a-, a, physician, provider, prescriber, practitioner, alien, alien registration, "
        "a-number, green card, controlled substance, cds, bnddd, bndd, "
        "notary commission, commission, pilot certificate, national identity, identity, nurse, pharmacist, npi, dea, "
        "professional, residence, "
        "immigration, uscis, firearm, conceal carry, teacher, dental license, doctor, dr, facility license, operator, driving"
    ),
    "device": _phrases(
        "wound vac unit, vac unit, detector, logger, actigraph, serial, ser, device, device serial, implant, "
        "pump, pacemaker, generator, lead, meter, monitor, sensor, transmitter, glucometer, "
        "holter, recorder, ventilator, vent, concentrator, wheelchair, scooter, equipment, equip, asset, biomed, bme, "
        "inventory, inv tag, machine, unit "
        "serial, scope, endoscope, scanner, defibrillator, aed, cpap, bipap, lvad, controller, prosthesis, stimulator, "
        "hearing aid, cochlear "
        "implant, processor, valve, stent, product serial, manufacturer serial, mfr serial, icd, ppm, reader, bluetooth, "
        "hardware, property, cylinder, tank, bed serial, nebulizer, oximeter, camera, probe, watch, tracker, tablet, receiver"
    ),
    "vehicle": _phrases(
        "plate, plates, license plate, licence plate, lic plate, number plate, registration plate, vehicle, vehicle tag, "
        "vehicle plate, car, car "
        "plate, license tag, vin, chassis, frame, vehicle registration, car registration, vehicle reg, car reg, rego, "
        "vehicle identification"
    ),
    "ssn": _phrases(
        "ssn, ss, soc sec, social, social security, social security account, social insurance, soc security, sin, tin/ssn, itin, ss/id"
    ),
    "phone": _phrases(
        "phone, telephone, tel, cell, mobile, mob, contact, call back, callback, home, work, daytime, evening, pager, "
        "beeper, bleep, extension, "
        "cell phone, home phone, work phone, mobile phone, emergency, daytime phone, contact phone, pgr, whatsapp, ph, toll free, hotline"
    ),
    "fax": _phrases("fax, facsimile, telefax, fx, e-fax, efax, fax back, fax to, return fax, pharmacy fax, office fax, facs"),
}
"""Kind -> nouns that a word for a number makes a label of. The last four kinds are rivals of the others."""

ALONE = {
    "medical_record": _phrases(
        "ur, merge request, mrn, pid, u/r, m/r, emrn, umrn, hrn, uhid, empi, pmi, csn, urn, nhs, phn, ihi, patid, chart/mrn, cmrn, mrns, "
        "record locator, patientid, mpi, wristband, armband, hsc"
    ),
    "health_plan": _phrases(
        "card id, id card number, mbi, hicn, hic, rid, cin, hcn, rxid, rxgrp, memberid, subscriberid, policynumber, "
        "kvnr, versichertennummer, ahv, ehic, pps"
    ),
    "account": _phrases(
        "icn, dcn, tcn, har, fin, konto-nr, acct, a/c, ein, tin, aba, bsb, sort code, kontonummer, konto-nr, fin, accountnumber, rtn, clm"
    ),
    "licence": _phrases(
        "dl, dln, cdl, npi, dea, upin, clia, gmc, nmc, hcpc, gphc, ahpra, gdc, passport, personalausweis, dni, nie, lic, "
        "license no, nmc pin, gmc ref"
    ),
    "device": _phrases("s/n, sn, serial, sno, iccid, udi, udi-di, gtin, serialnumber, deviceid, meid, ser"),
    "vehicle": _phrases(
        "vin, chassis, rego, plate, plates, license plate, licence plate, lic plate, number plate, car registration, "
        "vehicle registration, tags"
    ),
    "ssn": _phrases("ssn, itin, sin, soc sec, social security, social"),
}
"""Kind -> what is a label without a word for a number."""

_FAR = frozenset(each("mrn emrn umrn ssn vin npi dea mbi hicn s/n"))
"""Those of them that mean nothing else."""

WORDS = {
    "medical_record": _phrases(
        "medical record, health record, chart, record, encounter, visit, accession, specimen, mr, hospital, case, folder, chi"
    ),
    "health_plan": _phrases(
        "policy, member, subscriber, subscr, insured, aetna, cigna, humana, bcbs, blue cross, blue shield, uhc, united "
        "healthcare, kaiser, anthem, "
        "tricare, medicare, medicaid, medi-cal, medigap, group, grp, gp, ohip, insurance, ins, insurance card, health "
        "card, plan, ramq, ppo, hmo, delta dental, vsp, rx group, rxgrp"
    ),
    "account": _phrases(
        "accounts, account, acc, claim, invoice, receipt, statement, bill, transaction, routing, voucher, checking, savings, "
        "cheque, remittance, collections, loan, "
        "confirmation, our ref, your ref, ref, kontonummer, guarantor, hsa, fsa"
    ),
    "licence": _phrases(
        "license, licence, driver's license, drivers license, driver license, driving licence, passport, state id, green "
        "card, permit, medical "
        "license, nursing license, certificate, credential, lcsw, lmft, psy, rn license, x-waiver, photo id, "
        "registration, id card, identity card, lic"
    ),
    "device": _phrases(
        "actigraph, actiwatch, detector, logger, data logger, bladder scanner, old one, device, di, implant, "
        "pacemaker, icd, aicd, crt-d, crt-p, ilr, loop recorder, lvad, generator, cpap, bipap, "
        "transmitter, sensor, stimulator, "
        "hearing aid, hearing aids, cochlear implant, ventilator, concentrator, wheelchair, holter, asset, asset tag, rv "
        "lead, ra lead, lv lead, lead, aed, controller, "
        "pump, insulin pump, scope, endoscope, recorder, neurostimulator, monitor, glucometer, meter, defibrillator, "
        "valve, vns, dbs, ppm, machine"
    ),
}
"""Kind -> words that a number often follows, but not only one of the kind: it must stand directly behind them and look like a code."""

RIVALS = _phrases(
    "sort, sort code, bsb, claimant, icd code, icd codes, imei, iban, mac, mac address, gene, phone, telephone, tel, "
    "fax, cell, mobile, pager, call, called, dial, text, zip, postcode, postal, room, bed, ward, extension, ext, "
    "lot, model, "
    "batch, catalog, catalogue, cat, part, version, firmware, software, icd-10, icd-9, icd10, cpt, hcpcs, loinc, "
    "snomed, ndc, rxnorm, drg, revenue, "
    "taxonomy, cas, ec, pmid, doi, pmcid, nct, trial, protocol, grant, award, funded, registered, clinicaltrials, "
    "isrctn, gene, genbank, snp, "
    "date, dates, dob, born, dated, effective, expires, year, years, since, time, at, dose, total, amount, balance, "
    "charge, charges, paid, price, "
    "cost, usd, page, pages, section, figure, table, series, image, n, mean, median, range, approximately, about, over, than, patients, "
    "participants, subjects, cases, copies, cells, steps, hz, weight, height, level, score, calorie, calories, "
    "platelets, wbc, count, atcc, usa, "
    "inc, corp, ltd, catalogue no, version no, chapter, item, items, question, questions, strain, accession numbers, genome, build, "
    "uniprot, pdb, entrez, eudract, crd, prospero, irb, ethics, approval, registry, registered as, bottle, tablets, doses"
)
"""Words behind which a number is something else: the nearest word to a value decides."""

LINKS = frozenset(
    each(
        "is was are of on in the a an as for to from with at and or our your her his my their its this that it which has "
        "have been being reads read "
        "reading shows showing says said listed recorded documented assigned noted given under file records system label "
        "labelled labeled card form "
        "wristband patient pt confirmed verified updated issued by state ending ends end new old current back bottom "
        "side pump device now still also "
        "only please here see attached follows number numbers no id one yes sure ok okay um uh well let me look i think "
        "says top left right front "
        "back inside same correct printed written stamped sticker box located found screen uk us usa quoted quoting "
        "using enter entered use used "
        "ca ny tx fl oh il pa mi ga nc nj va wa az ma tn in mo md wi mn co al sc la ky or ok ct ia ms ar ks nv ut nm wv "
        "ne id hi me nh ri mt de sd nd ak vt wy dc "
        "california texas ohio florida georgia illinois michigan virginia washington arizona oregon nevada york jersey "
        "carolina enclosed mine"
    )
)
"""Words that may stand between a label that must stand directly before its number and the number."""

_GENERIC = frozenset(
    each(
        "the my your his her our their its a an this that what which whose and or of on with by is was correct same "
        "right wrong new old other"
    )
)
_TOKEN = re.compile(r"[^\W\d_]+(?:[/&'’.-][^\W\d_]+)*|#|№")
_POSSESSIVE = re.compile(r"['’]s?\b|\.")


_UNITS = frozenset(each("dl fin har sin ser tin cin rid bene sub mem pol ins pa va np"))
"""In small letters they are units and words of other languages, in capitals or before a sign for a number labels."""
_NUMBERED = re.compile(r"\.?\s?[#№]|\.\s?\d{4}|\.?\s?no\b\.?:?")


class Token(NamedTuple):
    """A word in small letters, and where it stands."""

    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Label:
    """What a value is called: its kind ("" = a rival), whether the label is sure, and where it begins and ends."""

    kind: str
    sure: bool
    """Whether it is one whatever the number looks like."""
    start: int
    end: int
    short: bool = False
    """Whether its last word may be an abbreviation, so that a point behind it ends no sentence."""
    far: bool = False
    """Whether other words may stand between it and its number."""


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The words of a stretch of text."""
    found = (match for match in _TOKEN.finditer(text, start, len(text) if end is None else end))
    return [
        Token(
            "" if match[0] in _UNITS and not _NUMBERED.match(text, match.end()) else _POSSESSIVE.sub("", match[0].lower()),
            match.start(),
            match.end(),
        )
        for match in found
    ]


def _looked_up(tables: dict[str, frozenset[str]]) -> dict[str, str]:
    return {_POSSESSIVE.sub("", phrase): kind for kind, phrases in reversed(tables.items()) for phrase in phrases}


_NOUN, _ALONE, _WORD = _looked_up(NOUNS), _looked_up(ALONE), _looked_up(WORDS)
_RIVAL = dict.fromkeys(RIVALS, "")
LONGEST = 4
"""Words of the longest label."""


def _longest(words: Sequence[Token], end: int, table: dict[str, str]) -> tuple[str, int] | None:
    """Kind and first word of the longest phrase of the table that ends before word `end`."""
    together = 1
    while together < min(LONGEST, end) and words[end - together].start - words[end - together - 1].end < 3:
        together += 1
    for length in range(min(together, end), 0, -1):
        kind = table.get(" ".join(token.word for token in words[end - length : end]))
        if kind is not None:
            return kind, end - length
    return None


def ending(words: Sequence[Token], end: int) -> Label | None:
    """The label whose last word is the one before word `end`, if there is one."""
    last = words[end - 1]
    nouns = end
    while nouns > 0 and end - nouns < 3 and words[nouns - 1].word in NUMBER_WORDS:
        if nouns < end and words[nouns].start - words[nouns - 1].end > 3:
            break
        nouns -= 1
    rival = _longest(words, end, _RIVAL)
    if rival and (nouns == end or rival[1] < nouns):
        return Label("", False, words[rival[1]].start, last.end)
    if nouns < end:
        if nouns > 0 and words[nouns].start - words[nouns - 1].end > 3:
            return None
        found = _longest(words, nouns, _NOUN) or _longest(words, end, _ALONE) or _longest(words, nouns, _ALONE)
        if found:
            return Label(found[0], True, words[found[1]].start, last.end, len(last.word) < 6, far=True)
        if (
            nouns > 0
            and words[nouns - 1].word not in _GENERIC
            and words[nouns - 1].word not in LINKS
            and words[nouns - 1].end + 2 > words[nouns].start
        ):
            return Label("", False, words[nouns - 1].start, last.end)  # the number of something that is in no table
        return None
    alone, word = _longest(words, end, _ALONE), _longest(words, end, _WORD)
    if word and (not alone or word[1] < alone[1]):
        return Label(word[0], False, words[word[1]].start, last.end, len(last.word) < 6)
    if alone:
        return Label(alone[0], True, words[alone[1]].start, last.end, len(last.word) < 6, far=last.word in _FAR)
    return None
