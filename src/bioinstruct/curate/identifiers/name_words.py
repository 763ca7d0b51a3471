"""Words with a capital that are no part of a name: what `names.py` must not take for one."""

from __future__ import annotations

SENTENCE = (
    "A About After Again All Also Although An And Any Anything Are As Ask At Be Because Before Both But By Can Could Did Do Does Doing "
    "During Each Even Every Everything Fine For From Go Great Had Has Have He Hello Her Here Hey Hi His How However I If In Is It Its "
    "Just Let Like Maybe Me My Many Most Never Next No None Not Nothing Now Of Off Oh Ok Okay On Once One Only Or Other Our Over Per "
    "Please Really See She Should Since So Some Sorry Sure Take Tell Thank Thanks That The Their Then Therefore There These They This "
    "Those Through To Today Tomorrow Tonight Two Under Unfortunately Unknown Until Up Usually Very Was We Well Welcome Were What When "
    "Where Which While Whether Who Whose Why With Without Would Yeah Yep Yes Yesterday Yet You Your"
)
"""Of sentences and dialogues: they follow a name whose point was left out, or a label in place of one."""

PLACEHOLDERS = (
    "X{2,} Y{2,} Z{2,} A{2,} B{3,} C{3,} D{3,} N{2,} ABCD?E?F? XYZ Redacted Lastname Firstname Surname Name Unknown Anonymous Who Google"
)
"""Expressions, matched whole and in any case."""

ROLES = (
    "Administrator Aide Anesthesiologist Assistant Attending Author Caregiver Child Clinician Colleague Consultant Customer Dentist "
    "Dietitian Director Doctor Dr Examiner Family Father Female Fellow Friend Guest Guardian Husband Intern Madam Male Manager Member "
    "Midwife Miss Missus Mister Mother Mr Mrs Ms Nurse Nurses Nursing Parent Parents Patient Patients Person Pharmacist Physician "
    "Physicians Practitioner Prof Professor Provider Radiologist Reader Resident Scientist Secretary Self Sir Specialist Spouse Staff "
    "Student Supervisor Surgeon Team Technician Technologist Therapist User Wife Woman Man Boy Girl Baby Infant"
)

OFFICES = (
    "Account Address Admission Admitted Age Allergies Allergy Appointment Apt Assessment Board Box Care Center Centre Chart Chief Clinic "
    "Code College Complaint Complaints Consider Consult Consultation Contact Council Date Denies Department "
    "Diagnosis Diagnoses Discharge "
    "Discharged Discussion Division DOB Education Email Emergency Exam Examination Fax Findings Follow Foundation General Group Health "
    "History Home Hospital ID Impression Information Institute Insurance Instructions Internal International Introduction Laboratories "
    "Laboratory Lab Labs Level List Location MRN Medical Medication Medications Medicine National New Note Notes "
    "Number Occupation Office "
    "Ordered Outpatient Past Phone Physical Plan Presents Primary Problem Procedure Progress Public Questionnaire Reason Record Referral "
    "Referring Registered Report Reports Results Review Room Safety Sample School Section Service Services Sex Gender Signature Signed "
    "Site Social Society State Status Studies Study Suite Summary Surgery Systems Telephone Tel Test Time Title Treatment Type Unit "
    "United University Visit Visits Vital Research Trial Journal Associates Company Corporation Inc Ltd Llc Good Materials Satisfaction "
    "Experience Rights Portal Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March July September October "
    "November December"
)
"""Of notes, places and headings."""

MEDICINE = (
    "PCP ICU MRI EKG ECG EEG ENT HPI ROS PMH CBC USA Abdomen Abdominal Acid Acute Adult Advanced Anemia Antibiotic Antibiotics Anxiety "
    "Arterial Arthritis Artery Asthma Atrial Back Blood Bone Brain Breast Bronchitis Cancer Capsule Capsules "
    "Carcinoma Cardiac Cardiology "
    "Cell Cells Cerebral Chest Chronic Cold Colon Community Condition Congenital Congestive Coronary Cough Cream Daily Deficiency Dental "
    "Depression Dermatology Diabetes Diabetic Disease Disorder Disorders Dose Drug Ear Early Essential Evaluation "
    "Evidence Extended Extra "
    "Eye Failure Familial Fetal Fever Fibrillation Flu Fracture Gene Gestational Headache Heart Hepatic Hepatitis Hip Hypertension "
    "Imaging Immune Infection Infections Inhaler Injection Injury Insulin Intensive Joint Kidney Knee Left Lesion Leukemia Liver Lower "
    "Lung Lymphoma Major Malignant Management Mellitus Mental Metabolic Migraine Mild Moderate Muscle Myocardial Nausea Neurology "
    "Neuropathy Normal Obesity Oncology Oral Orthopedic Orthopedics Pain Panel Pediatric Pediatrics Pelvic Pneumonia Prescription "
    "Prostate Protein Psychiatric Psychiatry Pulmonary Radiology Rash Rehabilitation Release Renal Respiratory "
    "Rheumatoid Right Secondary "
    "Seizure Sepsis Serum Severe Shoulder Skin Sleep Solution Sore Spinal Spine Stable Stomach Strength Stroke Sulfate Hydrochloride "
    "Sodium Surgical Symptom Symptoms Syndrome Tablet Tablets Therapy Throat Thyroid Tissue Tract Trauma Tumor Tumour Ulcer Unstable "
    "Upper Urinary Urine Urology Vaccine Vaccination Valve Vein Venous Viral Virus Vitamin Vomiting Weight Wound"
)

DRUGS = (
    "Abilify Accutane Acetaminophen Adderall Adipex Advair Advil Albuterol Aleve Allegra Alprazolam Ambien Amoxil Aspirin Ativan "
    "Augmentin Avapro Azithromycin Bactrim Benadryl Botox Bumex Celebrex Celexa Cialis Cipro Claritin Clonidine Codeine Colace Concerta "
    "Coreg Coumadin Cozaar Crestor Cymbalta Dexamethasone Digoxin Dilantin Dilaudid Diovan Effexor Eliquis Enbrel Epipen Flagyl Flexeril "
    "Flomax Flonase Fosamax Gabapentin Glucophage Glucotrol Heparin Humalog Humira Hydrocodone Hydrocortisone Ibuprofen Imitrex Imodium "
    "Januvia Keflex Keppra Klonopin Lamictal Lantus Lasix Levaquin Levothyroxine Lexapro Lipitor Lortab Lovenox Lyrica Medrol Melatonin "
    "Metformin Methadone Methotrexate Miralax Mobic Morphine Motrin Mucinex Naproxen Neurontin Nexium Nitroglycerin "
    "Norco Norvasc Novolog "
    "Oxycodone Oxycontin Ozempic Paxil Penicillin Pepcid Percocet Plaquenil Plavix Pravachol Prednisone Prednisolone Premarin Prevacid "
    "Prilosec Prinivil Protonix Prozac Remeron Risperdal Ritalin Robitussin Seroquel Sertraline Singulair Soma Spiriva Sudafed Symbicort "
    "Synthroid Tegretol Tenormin Topamax Toprol Toradol Tramadol Trazodone Tylenol Ultram Valium Valtrex Ventolin "
    "Viagra Vicodin Voltaren "
    "Warfarin Wellbutrin Xanax Xarelto Zantac Zestril Zithromax Zocor Zofran Zoloft Zyprexa Zyrtec"
)
"""Often prescribed, with endings that do not tell them (`MEDICAL_ENDS`)."""

MEDICAL_ENDS = (
    "itis osis emia aemia penia uria algia pathy ectomy otomy ostomy plasty scopy graphy oma omata megaly plegia trophy phobia cillin "
    "mycin cycline statin sartan prazole azole olol dipine pril oxetine azepam semide parin vir mab tinib formin gliptin gliflozin "
    "thiazide profen ology ologist ography iatric iatrics ation"
)

NAMES_THAT_END_SO = "Paloma April Avril Noemia Tanvir Ranvir Rajvir Jasvir Balvir Sukhvir"
"""Given names with such an ending."""

EPONYMS = (
    r"Addison Alzheimer Apgar Asperger Babinski Baker Barrett Beck Bechet Behcet Behçet Bell Bowen Burkitt Castleman Chagas Charcot "
    "Colles Creutzfeldt Crohn Cushing Down Duchenne Dupuytren Ewing Fabry Fallot Fanconi Gaucher Gilbert Glasgow "
    "Graves? Guillain Hansen "
    r"Hashimoto Hirschsprung Hodgkin Homan Horner Huntington Kaposi Kawasaki Kernig Klinefelter Korsakoff Lachman Lou\sGehrig Lynch "
    "Marfan McBurney Meniere Ménière Murphy Osler Paget Parkinson Peyronie Phalen Pompe Pott Raynaud Reiter Reye "
    "Romberg Sjogren Sjögren "
    r"Still Takayasu Tay Tinel Tourette Turner Virchow Wegener Wernicke Whipple Wilms Wilson"
)
"""Whose diseases and signs are named for them."""

NAMED_FOR = (
    "disease syndrome sign test palsy phenomenon lymphoma thyroiditis chorea contracture tum(?:o|ou)r sarcoma ana?emia score scale "
    "o?esophagus ulcer fracture cyst node criteria reflex point dementia encephalopathy"
)
"""What is named for them."""

TOWNS = (
    r"Silver\sSpring College\sPark Chevy\sChase Ellicott\sCity Ocean\sCity Glen\sBurnie Takoma\sPark Bel\sAir "
    r"Owings\sMills Johns\sHopkins"
)
"""Before MD, which is Maryland there, and a hospital."""

BRANDS = r"Reddy Scholl Pepper Seuss Martens Bronner"
"""Of things: Dr. Scholl's inserts."""

REPLIES = (
    "Absolutely Actually Afternoon Ah Almost Alone Alright Anyway Apparently Are Around Aw Awesome Bad Basically Beer Being Better "
    "Bless Both Bye Can Certainly Cigarettes Clearly Click Coffee Congratulations Cool Correct Could Currently Dang Definitely Did "
    "Do Does Doing Eight Eighteen Eighty Either Eleven Evening Eventually Everybody Exactly Excellent Fantastic Feeling Fifteen "
    "Fifty Finally Fine First Five Fortunately Forty Four Fourteen Friday Funny Generally Getting Going Good Gosh Got Gotcha Great "
    "Guess Ha Hang Have Having Historically Hm Hmm Hold Honestly Hopefully Incredible Initially Interesting Lastly Left Let Lets "
    "Like Listen Look Lots Luckily Ma Madam Mainly Makes Mhm Monday More Morning Most Mostly Much Nah Neither Nice Nine Nineteen "
    "Ninety Nobody None Nope Normally Not Nothing Obviously Occasionally Often Oh Okey Overall Pain Perfect Perhaps Possibly "
    "Presented Pretty Previously Probably Quite Rarely Recently Regularly Relaxing Right Sad Same Saturday Seven Seventeen Seventy "
    "Several Should Sir Six Sixteen Sixty Socially Somebody Sometimes Somewhat Sounds Specifically Still Suddenly Sunday Super "
    "Taking Ten Terrible Terrific Thankfully Thirteen Thirty Three Thursday Totally True Tuesday Twelve Twenty Two Typically Ugh Uh "
    "Uhm Ultimately Um Umm Usually Very Wait Water Wednesday Well Whatever Whenever Wherever Wine Wonderful Worse Would Wow Yep "
    "Yessir Yup Dad Daddy Mom Mommy Mum Plan Plans"
    " Add Apply Avoid Begin Bend Breathe Bring Call Change Check Close Come Consider Continue Decrease Describe Drink Eat Explain Finish "
    "Follow Give Increase Keep Lie Lower Open Order Point Pull Push Put Raise Remember Remove Report Rest Return Schedule Show Sit Squeeze "
    "Stand Start Stop Think Try Turn Use Watch Wear"
)
"""With which a reply begins."""

AFTER_RELATIVES = (
    "Adopted African Afternoon Age Aged Alive Also American Arabic Ashkenazi Asian At Australian Black Brazilian Breastfeeding "
    "British Brought Buddhist Called Came Canadian Catholic Caucasian Chinese Christian Christmas Cuban Dead Deceased Denies Died "
    "Disabled Divorced Earth English Ethiopian Evening Filipino French German Greek Had Haitian Has Healthy Hindu Hispanic Indian "
    "Irish Is Italian Japanese Jewish Korean Latina Latino Living Married Mexican Morning Muslim Native Nature Negative Nigerian "
    "Polish Portuguese Positive Present Reports Retired Rh Russian Says Single Smoker Somali Southeast Spanish States Teresa Time "
    "Turkish Unemployed Vietnam Vietnamese Was Well White Widowed Will Works"
)
"""What a relative, a patient or a priest is or does, where a name might stand."""
