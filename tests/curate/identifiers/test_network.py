from __future__ import annotations

import pytest

FOUND = {
    "phone": [
        "Contact her at «617-555-0142» or «(617) 555-0143».",
        "Cell: «617.555.0144»; home phone «617 555 0145»; Tel. «+1-617-555-0146»; work «(617)555-0147 x22»",
        "Her number is «555-0199»; leave a message at «555-0123»; Phone: «555 0142»",
        "Mobile «07700 900123»; please phone the ward on «0161 496 0123»; tel. «020 7946 0018»",
        "«+49 30 901820», «+33 1 23 45 67 89», «+44 20 7946 0958»",
        "His cell is «4155550132»; Phone: «18005550187» or «2125550187»",
        "Toll-free: «1-800-273-8255», «(800) 555-0199», «1-800-QUIT-NOW»",
        "pager «12345»; beeper #«55218»; Voicemail «415/555-0122»",
        "(«617-555-0148 ext. 12»)",
    ],
    "fax": [
        "Fax: «(415) 555-2699»; FAX «+1 415 555 2699»",
        "Please fax records to «415-555-2699».",
        "Phone 415-555-2671 / Fax «415-555-2699»",
        "Records were faxed to Dr. Hale's office at «(415) 555-2699».",
        "«212.555.0187» (fax); «212-555-0188», fax",
        "by fax at «415 555 2699»; facsimile: «415-555-2699»; send via fax: «4155552699»",
        "F: «617-555-0158»",
        "The fax line, «415-555-2699», is secure; our eFax is «1-415-555-2699».",
        "Tel 212-555-0100 Fax: «212-555-0101»",
    ],
    "email": [
        "Email: «jane.roe@gmail.com», «JOHN@EXAMPLE.COM».",
        "<«mary.sue+med@uni.edu»>",
        "(«a.b@x.co»)",
        "mailto:«first_last99@mail.example.co.uk»",
        "«smith [at] clinic [dot] org», «smith(at)clinic.org»",
        "«o'neill@example.org»",
        "write to «x@y.museum».",
        "«müller@example.de» and «a-b@c-d.example»",
    ],
    "url": [
        "See «https://portal.example.org/a?b=1&c=2#d».",
        "(«http://198.51.100.7/patient»)",
        "«www.janesblog.net», «ftp://files.example.org/x.pdf»",
        "«mychart.example.com/p/1», «facebook.com/jane.roe.5»",
        "«johnroe.net»; «hospital.nhs.uk»; «sub.domain.example:8080/x»",
        "WWW: «HTTPS://EXAMPLE.COM/PATIENT»",
        "at «www.cdc.gov/flu».",
        "“«https://example.org/(x)y»”",
    ],
    "ip": [
        "IP address «10.0.0.5»; from «203.0.113.77».",
        "«192.168.1.20»:8080 and «172.16.254.1»/24",
        "IP: «8.8.8.8»",
        "«2001:0db8:85a3:0000:0000:8a2e:0370:7334»",
        "«2001:db8::8a2e:370:7334», [«2001:db8::1»]",
        "host «fe80::1»",
        "«::ffff:192.0.2.128»",
        "server «1.1.1.1» was accessed",
    ],
}

NOTHING = {
    "phone": [
        "call 911; dial 988; call 111; text HOME to 741741; room 412; call schedule 2020-2021",
        "extension 120 degrees; extension 0-120; ext rotation 45; phone screen; cell count 120 4500; cells 2000 3000 4000",
        "200-400-1000 mg; 250 500 1000; 1,234,567 cells; 140/102/15/110; 10^6; 120 mg/dL",
        "contacted in 2010-2015; reached 10000 steps; mobile units 5000; pp. 1234-1240; page 123-4567",
        "PMID: 2125550187; OMIM 219700; rs1801133; chr7:117559590; NM_000492.3:c.1521_1523delCTT",
        "N Engl J Med 2021;384:1412-23; Lancet 2019;393(10170):407-415; S0140-6736(20)30183-5",
        "000-000-0000; call 222-222-2222",
        "ring size 12; mob 10 20; contact lens 8.6/14.2; phone survey (n = 345); call rate 98.5",
    ],
    "fax": [
        "a fax machine; fax the form; faxed 3 pages; fx of the femur 12; FX 2019",
        "F: 98.6; f: 120/80; Fax",
        "fax 12 pages of 2019-2020",
        "facsimile of 1234",
        "fax: 1-2-3",
        "fax by 5 pm; fax on 5/7 days",
        "telefax",
        "F-18 FDG; F:M 2:1",
    ],
    "email": [
        "user@localhost; 5@10 mg; @handle; a@b; p@55word",
        "email address; e-mail; at; user@",
        "3 @ 5 mg; x@y@z",
        "jane [at] home; (at) rest; [at] 12.5",
        "@@@@; a@.com; @example.com",
        "C@T; 12@h",
        "BP 120@80; 5 mg@bedtime",
        "mean@SD; n@12",
    ],
    "url": [
        "https://doi.org/10.1056/NEJMoa2034577, https://pubmed.ncbi.nlm.nih.gov/31234567/, www.ncbi.nlm.nih.gov/pmc/articles/PMC1",
        "https://clinicaltrials.gov/ct2/show/NCT01234567; doi:10.1000/xyz",
        "e.g., i.e., b.i.d., p.o., vs.control, U.S.A., Ph.D., No.5, St.John",
        "e.g.com, i.e.org, the .gov sites, info, www, http, ://",
        "file.txt, report.pdf, node.js, p.Arg117His, c.76A>T, v2.3",
        "pH.The patient; treatment.In; disease.is; 0.5.me",
        "3.org; A.net",
        "http:// www.",
    ],
    "ip": [
        "version 12.0.0.1; v10.2.3.4; SPSS 25.0.0.1; software release 14.0.2.1; Windows 10.0.19.1; firmware 10.1.1.1",
        "EC 3.4.21.5; 1.5.2.1; section 10.1.2.3; Table 12.1.1.2",
        "12:30:45; 10:20:30; 3:2:1; 1::2; ::; ::1; a::b; std::vector; HLA-DRB1*15:01:01:01",
        "300.1.1.1; 192.168.1; 192.168.1.256; 1.2.3.4.5; 192.168.1.20.7",
        "IP injection; intraperitoneal (IP) 10.5 mg; IP 3.2.1; i.p. 10.0 mg",
        "98.6.37.0a; 0.9.0.9; 4.5-11.0",
        "NC_000001.11:g.123; chr1:12345-67890; Ca:P 1:2:3:4; 5:6:7:8:9:10:11",
        "C:G:A:T; add:bed:cab",
    ],
}


@pytest.mark.parametrize(("kind", "marked"), [(kind, marked) for kind, several in FOUND.items() for marked in several])
def test_found(finds, kind, marked):
    finds(kind, marked)


@pytest.mark.parametrize("text", [text for several in NOTHING.values() for text in several])
def test_nothing(finds_nothing, text):
    finds_nothing(text)
