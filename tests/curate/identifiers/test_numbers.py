from __future__ import annotations

import pytest

FOUND = {
    "medical_record": [
        "MRN: «7782314»; MRN «00-45-12»; MRN#«00412233»; (MRN «A1029384»)",
        "Medical record number: «MR-2291-88»; Med. Rec. No. «554-21-9»; medical record «00-11-22-33»",
        "chart no. «88214»; Chart #«77-1029»; Record #«4482913»",
        "Patient ID: «PT-2019-00412»; Pt ID «99812»; patient number: «4471»",
        "Hospital No: «H1234567»; unit number «0034-11-2»; MR# «5512098»",
        "NHS number «943 476 5919»; encounter #: «1000293847»; case number «21-0045»",
        "Accession number «S21-12345»; specimen ID: «21-CY-00123»",
        "Her MRN, «5566778», is on file; the medical record number is «00123456».",
    ],
    "health_plan": [
        "Member ID: «XZW882193»; member number «000123456-01»",
        "Policy number «HP-2231-9901»; covered under policy #«BX-1192837»",
        "Group No. «00123456»; group # «44821»",
        "Medicare number «1EG4-TE5-MK73»; without a label «1EG4TE5MK73»",
        "Medicaid ID: «12345678A»; Medicaid «12345678»",
        "Subscriber ID: «ABC 123456789»; beneficiary ID «7-221-998-X»",
        "Health plan beneficiary number: «HBN-449201-X»; HICN «123-45-6789A»",
        "Blue Cross policy number «YKX883920118»; insured with Cigna, ID «U551209801»",
    ],
    "account": [
        "Account number: «4432-9981»; account «88213374»",
        "Acct # «00918273»; Acct: «5521-A»",
        "bank account «448812»; checking account «12345678901»",
        "Patient account no. «PA-2021-338»; account ending in «9921»",
        "Invoice #«INV-2021-0045»; claim number «CLM0099221»",
        "IBAN «GB82 WEST 1234 5698 7654 32», «DE89370400440532013000»",
        "routing number «021000021»; A/C No: «0099182»",
        "The guarantor account number is «9988776».",
    ],
    "licence": [
        "Driver's license number «D442-1192-8837»; driver license: «B5523981»",
        "Medical license «ME-99213»; Texas license number «K1234»; RN license «445566»",
        "Lic. No. «12345»; license #: «MD123456»; licence: «PH-99182»",
        "NPI: «1245319599»; National Provider Identifier (NPI) is «1679576722»",
        "DEA: «BS1234563»; DEA number «FM1234563»; the prescriber's DEA registration, «AB1234563»",
        "certificate number: «2020-CERT-0099»; board certification number «12-44-8891»",
        "passport number «512345678»; Passport: «X1234567»",
        "DL: «S530-1234-5678»; CLIA number «05D0987654»",
    ],
    "ssn": [
        "SSN: «219-09-9999»; «219-09-9999» alone",
        "social security number is «078 05 1120»; SS# «457-55-5462»",
        "SSN «457555462»; SSN «457.55.5462»",
        "XXX: «xxx-xx-6789», «***-**-6789»",
        "SSN ending in «5462»; last four of SSN «6789»; last 4 of her social security number: «5462»",
        "ITIN «912-70-1234»",
        "Social: «412-68-2234»; his social is «412-68-2234»",
        "Soc. Sec. # «412-68-2234»",
    ],
    "vehicle": [
        "VIN «1HGCM82633A004352»; the car «1M8GDM9AXKP042788»",
        "license plate «4XYZ789»; license plate CA «7ABC123»",
        "plate number is «KLM 4521»; Plate: «8-CJX-492»",
        "car registration «LM19 XTR»; registration plate «WX71 YZA»",
        "tag # «ABC1234»; vehicle tag «BRT 5521»",
        "a Honda, plate «HGT-4471»; drove a truck with plates «KLM 8821»",
        "licence plate «AB-123-CD»",
        "plate «7ABC123»",
    ],
    "device": [
        "Pacemaker S/N «12345678»; SN: «G7710-22»",
        "serial no. «ABC-123-456»; Serial #: «0029384»; serial number «PJN654321»",
        "Device ID: «DEV-00912»; implant serial #«IMP-2219-01»",
        "model D224, serial «PKL404877H»; pump serial number is «77-19283»",
        "UDI «(01)00844588003288(17)141120(10)7654321D(21)10987654d321»",
        "IMEI «490154203237518»; MAC «00:1A:2B:3C:4D:5E»",
        "the insulin pump (serial number «MMT-722-991823»)",
        "UDI-DI: «+H123PARTNO1234567890120»; device identifier «00844588003288»",
    ],
    "card": [
        "Visa «4111-1111-1111-1111»",
        "card «5500005555555559»",
        "Amex «3782 822463 10005», «371449635398431»",
        "credit card number «6011 0009 9013 9424»",
        "«4012888888881881»",
        "Diners «30569309025904»; JCB «3530111333300000»",
        "UnionPay «6200000000000005»; Mastercard «2223003122003222»",
        "MasterCard: «5425 2334 3010 9903», expired",
    ],
}

NOTHING = {
    "medical_record": [
        "case 12345 of; visit 2; unit 12345; specimen 3; record 12345 deaths; chart review of 12345 records",
        "NCT01234567, ISRCTN12345678, EudraCT 2015-001234-12, PROSPERO CRD42020123456, registration number NCT00038727",
        "PMID 31234567, PMC1234567, doi:10.1056/NEJMoa2034577, ISBN 978-3-16-148410-0, ORCID 0000-0002-1825-0097",
        "accession number GSE123456, accession no. NM_000059, GenBank accession number AF123456, UniProt P04637",
        "grant R01 CA123456, grant number 5P30CA016672, K23HL123456-01A1, IRB number 2017-1234, protocol no. 2019-0456",
        "ICD-10 E11.9, CPT 99213, LOINC 2345-7, ATC A10BA02, SNOMED 73211009, OMIM 219700, HGNC:1100, RxCUI 860975",
        "lot number 55-221, catalog number 12345, batch number B1234, model no. 4471, version number 2.1.3",
        "patient number 2020; MR angiography 12345; the number of patients 12345; no. 4 of 12345",
    ],
    "health_plan": [
        "group 12345; control group: 123456 records; in group 2, 12345 patients; group number of patients 12345",
        "plan 12345 steps; health plan members 12345; policy of 2019; policy 65; coverage 95.5 %",
        "Medicare 65 years; Medicaid 2010-2014 data; beneficiaries 12345; insurance 12345 people; member countries 12345",
        "the plan is to give 50000 units; insurance covered 20000 dollars",
        "1EG4-TE5-MK7, 1SG4-TE5-MK73, 0EG4-TE5-MK73",
        "payer mix 12345; a group of 12345 children; coverage of 12345 women",
        "plan B; group A; policy number; member ID; PPO; HMO",
        "kaiser roll 12345",
    ],
    "account": [
        "taking into account 12345 patients; accounts for 12345 cases; account for 1234",
        "claims that 12345 patients; order 12345 tests; order of 10000; financial year 2019",
        "statement 2; receipt of 500 mg; transaction costs 1234; routing; loan word",
        "GB82 WEST 1234 5698 7654 33, DE89370400440532013001",
        "in order number; invoice; account of the illness; billing codes 99213 and 99214",
        "payment of 1234; tax of 12.5; fin whale 1234; employer 12345",
        "an account number; bank of 1234 sera; credit for 12345 steps",
        "XX12 ABCD 1234",
    ],
    "licence": [
        "NPI 1234567890, DEA AB1234567, DEA schedule II, DEA number, NPI number",
        "license to practice; licensed 12345 drugs; certificate program 2020; under licence CC BY 4.0",
        "permit 12345 patients; visa 2; passport; credential; registered 12345",
        "1234567893 without a label, AB1234563 without a label",
        "the certificate of 2019; permits 12345 visits; medical license",
        "drug enforcement; national provider identifier; certification in 2015",
        "dl 5.5 g/dl; 14.2 g/dL 1234; lic planus 1234",
        "GMC; NMC 2019; CLIA waived tests 12",
    ],
    "ssn": [
        "000-12-3456, 666-12-3456, 900-12-3456, 123-00-4567, 123-45-0000",
        "social history 1234 words; social worker 2019; social distance 1234 m",
        "12-345-6789, 1234-56-7890, 123-45-678, 123-456-7890123",
        "SSN; SSN unknown; SSRI 123; SS 304 steel; SS 1234",
        "NDC 60505-2519-3, CAS 7732-18-5, 987-65-4321",
        "123 45 6789 cells; 219099999 without a label",
        "ITIN 912-12-1234",
        "last four weeks 1234; the last 4 digits",
    ],
    "vehicle": [
        "VIN 1HGCM82633A004353, VIN 11111111111111111, IOQCM82633A004352",
        "bone plate 3.5 mm; plate fixation T12-L2; plate LCP-3500; 6-hole plate; growth plate; agar plate 10; platelets 250",
        "tag SNP rs12345; CT tag 1234; vehicle control 10 mg; vehicle-treated 12345; car accident 2019; truck driver 55",
        "license plate; registration 2019; registration of 12345; reg. 12345; registered 12345 patients",
        "plate count 10000 CFU; hot plate 50; plates 1-4; plate 2",
        "tag number; plate number 2; car seats 12345; van 3",
        "ACGTACGTACGTACGTA, MVLSPADKTNVKAAWGK",
        "a 96-well plate A1-H12; plate reader 450 nm",
    ],
    "device": [
        "serial 7s; serial sevens 93-86-79; serial dilutions 1:10000; serial ECGs 12; serial troponins 0.04, 0.06; serial 12-lead ECG",
        "lead V1-V6; lead II; valve 23 mm; stent 3.0 x 18; ICD code E11.9; ICD-9 250.00; monitor 24 hours",
        "device 12345 uses; pump 12345; generator; meter 12345; equipment 2019",
        "SN 5; sn ratio; S/N; serial number; model number ABC123; lot number 12345",
        "(01)00844588003289, (01) 5 mg, IMEI 490154203237519",
        "12:30:45, 00:10:20:30, 1-2-3-4-5-6, AA:BB:CC",
        "UDI; udi 5; unique device identifier system",
        "the implant ID; the device identifier",
    ],
    "card": [
        "4111 1111 1111 1112, 5500005555555558, 371449635398432",
        "1234567890123, 9999999999999995, 0000-0002-1825-0097",
        "1234 5678 9012 3456 in all, 4111 1111 1111",
        "4111-1111 1111-1111",
        "978-3-16-148410-0, 73211009, 7332000012345678",
        "10000000000000, 4.111111111111111",
        "411111111111111111111",
        "a card; card number; Visa",
    ],
}


@pytest.mark.parametrize(("kind", "marked"), [(kind, marked) for kind, several in FOUND.items() for marked in several])
def test_found(finds, kind, marked):
    finds(kind, marked)


@pytest.mark.parametrize("text", [text for several in NOTHING.values() for text in several])
def test_nothing(finds_nothing, text):
    finds_nothing(text)
