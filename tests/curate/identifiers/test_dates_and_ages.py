from __future__ import annotations

import pytest

DATES = [
    "Seen on «03/14/2021» and again «3/18».",
    "Admitted: «3/14/21», discharged: «14-Mar-21».",
    "Chemotherapy «3/2/21»-«3/16/21».",
    "DOB «12-Feb-1958»; D.O.B. «7/7/62»; born «20210314»",
    "Result of «2021-03-14»T08:30, «2019/12/31», «21.09.2018».",
    "On «Monday, March 3rd, 2020», «the 5th of May», «March 14», and in «March 2021».",
    "«oct 4 2021», «14MAR2021», «14MAR21», «Mar-14-2021», «2021 Mar 14», «Dec 12, '19».",
    "The follow-up is on «Tuesday, April 9», the surgery on «4/22».",
    "CT abdomen from «5/17» showed no mass; labs from «3/14» were normal.",
    "Immunized «04/1999»; next in 3/2025 patients.",
    "He died on «Dec 25th»; the biopsy of «Aug 9» was benign.",
    "It began on «the 14th».",
    "In «July two thousand four», «October of nineteen ninety five», «March tenth, two thousand and three»",
    "Since «9/95», in «01/08», performed «10/2001»; «01/2000» - «12/2006»; «October 2000»-«January 2012».",
    "From «3/2» to «3/16» he took it; between «June 3» and «July 14, 2019» he did not.",
    "He was born on «the eleventh of November, 1944», she on «July Fourth».",
    "«March 3-5, 2021» and «3-5 March 2021»; since «mid-March 2020»; «14th of March '21».",
    "on «january 5»; in «march 2021»; «Friday, Oct. 3»; «1 Jan 2023»",
]

NO_DATES = [
    "Take 1/2 tablet on day 1-5, then 1-2 tablets for 5/7 days; 2.5 mg/5 mL; D5 1/2 NS.",
    "Strength 5/5, reflexes 2/4, GCS 15/15, visual acuity 20/20, pain 7/10, Apgar 8/9, seen in 3/14 patients.",
    "Pain fell from 8/10 to 3/10; a murmur of 2/6; admitted 2/2 sepsis; on 3/4 occasions; on 1/2 tablet.",
    "Titrate 5/10/20 mg; on days 7/14/21; ages 5/10/15; phases 1/2/3; 4-8-12 weeks; 10-15-20 mg.",
    "In 2019, since 2005, the 1990s, 2020/21, week 12, hospital day 3, POD 2, three times a week, every 8 h, 24/7.",
    "MARCH5, SEPT9, OCT4, Oct-4, Oct 4 expression, DEC1, MAR-1, c-Jun, SEP 15, May-Thurner syndrome.",
    "May 2 tablets be given? May 10 mg help? March of Dimes; affected people may first notice it; it may 5 of 10 help.",
    "Gestation 38+2 weeks, 39 5/7 weeks, the 14th day, on the 5th digit, on the 90th percentile.",
    "CAS 50-78-2, NDC 0002-8215-01, LOINC 2345-7, version 1.2.20, 12/2000 patients, 3/1995 births, in 9/95 patients, 140/102/15.",
    "At 14:30, 0800 h, between 9 and 5, 10-15 minutes, 2:1, 1:1000, 1.5-fold, 7.35-7.45, BP 120/80 on arrival.",
]

AGES = [
    "A «92»-year-old man, a «94» y.o. male, «95» yo F, «91»yo M, «98»-yr-old, a «90» year-old.",
    "He is «90» years old; she is «93» years of age.",
    "Age: «93»; AGE «97»; Age/Sex: «92»/F; aged «97»; at the age of «101»; (age «91»).",
    "Her mother is «94» and lives alone; he just turned «90» last week.",
    "«91»F with dementia. This «98»M presents.",
    "A «ninety-six»-year-old veteran; she is «one hundred and three» years old; aged «ninety-four».",
    "The patient, «92», lives alone; her grandmother died at «99».",
    "A woman of «93», after her «93»rd birthday.",
    "His wife and his «92»-year-old mother; the «94»-year-old.",
]

NO_AGES = [
    "A 89-year-old man, aged 85, 88 yo.",
    "Patients aged 90 and older; people over 90 years of age; those above 90; age > 90; 90+ years.",
    "Ages 65-95 years; 80-92 years old; 90 to 95 years of age; between 85 and 95 years old.",
    "The mean age was 92 years; median age 91 years; by age 90; until age 95; up to 95 years old.",
    "She was 92 on room air; his saturation is 94; he is 95 kg; 92% on air; 98.6 F; pulse 98, regular.",
    "Bone age 96 months; died at 92 days; 100 mg; 90 mmHg; 95F; 120 minutes; 90 days; 100 years ago; 99-year lease.",
    "Nonagenarians, centenarians, and people in their nineties.",
    "The man of 92 kg; a hundred days; ninety percent; 90-year survival; gestational age 92 days.",
]


@pytest.mark.parametrize("marked", DATES)
def test_dates(finds, marked):
    finds("date", marked)


@pytest.mark.parametrize("text", NO_DATES)
def test_no_dates(finds_nothing, text):
    finds_nothing(text)


@pytest.mark.parametrize("marked", AGES)
def test_ages_over_89(finds, marked):
    finds("age_over_89", marked)


@pytest.mark.parametrize("text", NO_AGES)
def test_no_ages(finds_nothing, text):
    finds_nothing(text)
