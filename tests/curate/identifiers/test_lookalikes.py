"""What looks like an identifier beside the words that identifiers stand by, and is none."""

from __future__ import annotations

import pytest

FOUND = {
    "date": [
        "LMP «10/20», EDD «7/27»; labs («5/3»): normal; hospital course («4/11» - «6/2»): afebrile.",
        "Extubated «1/9», transferred to the floor «1/11»; filled «7/20».",
        "s/p CABG x3 («7/1955»), MVA «11/98», colonoscopy «6/2019».",
        "Sober since «Christmas Eve 2019»; «Labor Day 2018»; «Thanksgiving of 2021».",
        "Discharged «Jan 31»; it was «Mar 15», right after the snow.",
        "«nine September nineteen sixty-one»; «May five, two thousand three»",
        "DOB «3 14 1958», DOB: «031458»",
    ],
    "age_over_89": [
        "«98»F from SNF with AMS. «94» female from a care home. «92» yrs. F.",
        "Dad's «90» now; Grandma will be «95» in June; he turned «92» in hospital.",
        "Doctor: How old are you?\nPatient: «Ninety-four».",
        "He died of pneumonia at «97»; her father lived to «102»; her mother («93») is well.",
        "She is in her late «nineties»; she is a «centenarian» who lives alone; a patient «90» years young.",
        "Mr. Osei, «93», was seen; At «94», he is our oldest patient.",
    ],
    "fax": [
        "Phone (617) 555-0100 (P) / «(617) 555-0101» (F); F «212-555-0199» T 212-555-0198",
        "Clerk: And the fax?\nCaller: «512 555 0188».",
        "Refaxed to «701-555-0149»; «646-555-0170» is our fax number.",
    ],
    "health_plan": [
        "«A1234567» is her policy number; the number on her insurance card reads «XGH 204 558».",
        "Aetna PPO: member «W229910283», group «0871234-011».",
        "Insured through Cigna, «U44120931 01»; enrolled in Humana under «H44820193».",
    ],
    "account": [
        "Invoice «INV-88213» was paid; claim «2021-88-33190» was denied; checking account no. «7461 7336 22».",
        "Clerk: What is the account number at the top?\nCaller: It's «9459-97090-8».",
    ],
    "licence": [
        "«A9981234» is his driver's license number; ID shown: DL «69892842»; licensed in Ohio («35.088213»).",
        "«1245319599» (NPI); State ID «D00-8821-9930»; we found a driving licence in her bag, «523 758 638».",
    ],
    "device": [
        "Pacemaker: Medtronic Azure XT, «RNB882190H»; accelerometer «PJN750920S» (serial no.) came back.",
        "Rep: Can you read me the serial?\nNurse: «ZX44-8821-09».",
        "Asset tag «BME-004412»; controller serial «1649-2349-86», speed 5400 rpm.",
    ],
    "name": [
        "Spoke with «Amara Osei» about the results; message from «Grace Kim»: please call.",
        "Her daughter «Ana» will come; his wife («Ngozi») called; informant: «Hana Sato» (mother)",
        "PCP: «de la Cruz, Elena M.»\nGUARANTOR: «O'CONNOR,LUCIA»   REL: PARENT",
        "hi dr «marsh», my rash is back\n\nBest,\n«Emily»",
        "Name «Ruth Abara» Age 44",
    ],
}

NOTHING = {
    "dates": [
        "Biopsy (3/12 cores), cultures (2/4), strength (4/5), EBL (1/2 unit), completed 4/6 cycles, received 2/3 doses.",
        "Held 1/2 tablet; given 3/4 of the dose; started 5/10 mg; reflexes tested 2/4; CT 5/6 slices; vision 20/40 - 20/25.",
        "Died after CABG (7/1955 patients); 12/2000 births; in 3/98 women; mortality 7/1962 (0.4 %).",
        "16-Oct-enoyl; 2-Dec; 1 Mar 2; Oct 4 and Sep 15 expression; MARCH5; Jan-Feb; guidelines of 2019; 2005-06 season",
        "Christmas alone; on Labor Day; Boxing gloves; the Easter Seals; New Year resolution 2; Down's syndrome",
        "Apgar 8/9; T4/T5; C5/6; L4/5 - L5/1; MMT 4/5 - 5/5; BP 95/60; ratio 5/3; 24/7; PaO2/FiO2 3/1",
    ],
    "ages": [
        "Temp 98F with chills; T: 98F; fever of 99F; warmed to 95F; 95 male rats; 97 female patients; (117 female, 18 male)",
        "Turned 90 degrees; he is 95 kg; I'm 95% sure; I am 98 percent; pulse is 98, regular; at 92 she desaturated to 80",
        "Lived to 90 days; died at 95 hours; in the 90s; blood sugar in her 90 range; centenarian studies; nonagenarians",
        "Age 89; aged 12-95; 95 % CI; 92 mg; mother 89, alive; her mother is 5 ft 4; GCS 15; 99 problems",
    ],
    "numbers": [
        "policy of 12345; policy number unknown (PMID 12345678); member of NCT01234567; insurance in 2019; group 0, 12345 people",
        "The serial number was lost; serial troponins 0.04; insulin 100 units; proton pump inhibitor GSK1278863; pump rate 125 mL/h",
        "pacemaker trial (NCT01234567); pacemaker lower rate 60; stimulator 130 Hz; implant size 52; recorder 24 h; ventilator FiO2 0.40",
        "mg/dL 140001; DLCO 82; license to treat; invoice for 12 visits; claim that 50000 died; receipt of 500000 units",
        "ICD-10 E11.9; CPT 99213; LOINC 2345-7; TP53 R175H; MCF-7; HEK293T; IL-6; CD4 350; rs1801133; N = 1,024; HLA-B27",
        "PMID 12345678, PMC1234567; NCT01234567; EudraCT 2015-001234-12 is the registration; GSE123456 is the accession number",
    ],
    "names": [
        "Spoke with Infectious Disease; discussed with Interventional Radiology; per Johns Hopkins; message from Blue Cross.",
        "Her mother Type 2; his father Parkinson disease; my son Tylenol; her husband Dr; her brother has Crohn disease.",
        "Father M. Handed over the bag; care of Home Hospice; referred by Planned Parenthood; notified Poison Control.",
        "Hi there, hello everyone, Hi Doctors, Hello Team; Foley catheter; Glasgow Coma Scale 15; Babinski sign; Smith et al., 2019",
        "Best,\nregards; thanks,\nthe team; This is Acute Care; I am Fine; nurse Practitioner Program; surgeon General Hospital",
    ],
}


@pytest.mark.parametrize(("kind", "marked"), [(kind, marked) for kind, several in FOUND.items() for marked in several])
def test_found(finds, kind, marked):
    finds(kind, marked)


@pytest.mark.parametrize("text", [text for several in NOTHING.values() for text in several])
def test_nothing(finds_nothing, text):
    finds_nothing(text)
