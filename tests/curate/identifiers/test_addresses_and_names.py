from __future__ import annotations

import pytest

FOUND = {
    "address": [
        "lives at «1420 Willow Creek Lane, Dayton, OH 45402».",
        "Address: «77 W. 4th Street, Apt 12B, Duluth, MN 55802-1123»",
        "«PO Box 9921, Reno, NV 89501»; «P.O. Box 118»; «Post Office Box 33»",
        "home address is «9 Harbor View Dr., Portland, ME 04101»; «500 W. Madison St., Suite 1000, Chicago, IL 60661»",
        "zip code «45402»; ZIP: «45402-1123»; postal code «K1A 0B1»; postcode «SW1A 2AA»",
        "resident of «Dayton, Ohio»; she moved to «Salem, OR»; from «Duluth, Minnesota»",
        "«Tampa, FL 33602»; «IL 62704»; «Portland, Oregon 97201»",
        "«12 High Street, Oxford OX1 2JD»; «221B Baker Street»; «2550 Highway 61 South»; «77 Avenue of the Americas»",
        "He lives at «88 oak lane» with his son.",
        "«100 Dr. Martin Luther King Jr. Blvd, Newark, NJ 07102»; «1600 Pennsylvania Ave NW»",
    ],
    "name": [
        "Dr. «Helen Marsh» and Mrs. «Ana Lucia Prieto» saw Mr. «Okafor»'s films; Ms «Tran» called; Miss «Poppy Hall»",
        "Dr. «van der Berg», Dr «J. R. Patel», Prof. «Müller», Dr. «O'Neill», Dr. «McAllister», Dr «Anne-Marie Leclerc», Ms. «Le»",
        "Patient: «Carlos Medina»; Name: «Priya Raman»; Pt: «Ann Lee»; NAME: «MEDINA, CARLOS»",
        "Patient name: «Dubois, Claire»; Patient's name is «Theo Lindgren»; Pt name: «Grace O'Malley»; Name of patient: «Lena»",
        "Electronically signed by «Owen T. Fletcher», MD; dictated by: «Samir Haddad»; reviewed by «Joan Watson», RN",
        "Attending: «Naomi Feld», MD; Referring physician: Dr. «Yuki Tanaka»; PCP: «Lisa Cuddy»; Surgeon: «D. Kowalski»",
        "My name is «Alice Cooper»; a woman named «Jane»; her husband, «Robert Brown», came",
        "Dear «Thomas», Dear Mr. «Petrosyan»,",
        "Sincerely,\n«Emily Carter», MD",
        "Mrs. «Ward», Dr. «Case», Mr. «Will Grant», Dr. «Page», Dr. «Parkinson» examined her; DR. «JOHNSON»",
        "We go to Doctor «Brown»; thank you Doctor «Lin»",
        "Doctor «Lin» and Nurse «Joy Adams»; Drs. «Lee» and «Kim» saw him; Mr. and Mrs. «Johnson»",
        "Patient «Jane Whitfield» presents with cough.",
    ],
}

NOTHING = {
    "address": [
        "20 mg St. John's wort; 5 Rights of Drug Administration; a 12 Lead ECG; Stage 2 Clinical Trial",
        "a 10 Meter Walk; 6 Minute Walk; 2 Way Street; 30 Second Run; 4 Square Step Test; 7 Day Circle",
        "CA 19-9 37; CA 125 35 U/mL; MS 2 mg; IN 20000 patients; OR 12345 (95% CI); PA 20000; ID 83442; VA 20200",
        "Lee, MD; Hopkins, PA; Smith, DO; native populations of Greenland, Alaska; in Ohio; in Texas 2019; Florida 12345 cases",
        "PO 500 mg; po boxes; a zip drive; zip code level; postal survey of 12345 physicians",
        "B12 5MG; T4 5ML; K1A; M1 1A; NH3 45",
        "on the street; a close contact; 3 close contacts; drive 5 miles; 10 place; the way to go",
        "RR 16; HR 72; SC 40 mg; IV 10000 units; ward 7B, bed 12, room 412",
    ],
    "name": [
        "Dr. Parkinson's disease, Dr. Graves disease, Wilson's disease, Crohn disease, Down syndrome, Bell's palsy",
        "Mr. X, Mrs. Y, Ms. A, Dr. XYZ, Mr. ABC, Dr. X's note, Mr. XX; Hello Mr. R. You are 22.",
        "Name: Acute Myeloid Leukemia; Name: Lisinopril Hydrochloride",
        "Drug name: Zestril Forte; Name: Tylenol Extra Strength; Name: Vitamin B12",
        "Patient: Yes Doctor; Patient: Good Morning; Doctor: Okay Great",
        "Patient: Augmentin, Detroal and lisinopril; Patient: Usually, Keflex is",
        "MS. The patient has MS. MR angiography. Ms of Mg; dr. mg; PA and lateral; Dr. on call",
        "Seen by Cardiology Service; signed by the patient; reviewed by General Surgery; followed by Physical Therapy; given by IV",
        "Nurse Practitioner; a Doctor Consider; Doctor Visit; Will We Miss Cancers Following; your Doctor Said",
        "A Research Nurse. Both Investigators came.",
        "Chest X-ray, PA and lateral; Chronic Pain, RN to follow; Physical Exam, PA view; Silver Spring, MD; Johns Hopkins, MD",
        "Dear Patient, Dear Parents, Dear doctor, To Whom It May Concern: Sincerely,\nYour Doctor; Thank you for coming",
        "Mother: Type Two Diabetes; Subject: Follow Up; From: Emergency Department; Re: Lab Results",
        "Dr. Scholl's inserts; Dr. Reddy's Laboratories",
    ],
}


@pytest.mark.parametrize(("kind", "marked"), [(kind, marked) for kind, several in FOUND.items() for marked in several])
def test_found(finds, kind, marked):
    finds(kind, marked)


@pytest.mark.parametrize("text", [text for several in NOTHING.values() for text in several])
def test_nothing(finds_nothing, text):
    finds_nothing(text)
