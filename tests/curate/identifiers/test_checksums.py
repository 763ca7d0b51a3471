from __future__ import annotations

import pytest

from bioinstruct.curate.identifiers import checksums

VALID = [
    ("luhn", "79927398713"),
    ("luhn", "490154203237518"),
    ("card", "4111 1111 1111 1111"),
    ("card", "378282246310005"),
    ("card", "30569309025904"),
    ("card", "6200000000000005"),
    ("npi", "1234567893"),
    ("npi", "1679576722"),
    ("dea", "AB1234563"),
    ("dea", "F91234563"),
    ("vin", "1HGCM82633A004352"),
    ("vin", "1M8GDM9AXKP042788"),
    ("vin", "1m8gdm9axkp042788"),
    ("ssn", "001-01-0001"),
    ("ssn", "899999999"),
    ("itin", "912-70-1234"),
    ("iban", "GB82 WEST 1234 5698 7654 32"),
    ("iban", "DE89370400440532013000"),
    ("gtin", "00844588003288"),
    ("calendar_day", "31/12/1999"),
    ("calendar_day", "2021-03-14"),
    ("calendar_day", "3/14"),
]

INVALID = [
    ("luhn", "79927398714"),
    ("luhn", ""),
    ("card", "4111 1111 1111 1112"),  # check digit
    ("card", "4111111111111"),  # check digit of thirteen
    ("card", "411111111111116"),  # length
    ("card", "9999999999999995"),  # issuer
    ("card", ""),
    ("npi", "1234567890"),
    ("npi", "3234567892"),  # begins with neither 1 nor 2
    ("npi", "123456789"),
    ("dea", "AB1234567"),
    ("dea", "AB123456"),
    ("vin", "1HGCM82633A004353"),
    ("vin", "11111111111111111"),  # digits alone, though the sum is right
    ("vin", "IOQCM82633A004352"),
    ("vin", "1HGCM82633A00435"),
    ("ssn", "000-12-3456"),
    ("ssn", "666-12-3456"),
    ("ssn", "900-12-3456"),
    ("ssn", "123-00-4567"),
    ("ssn", "123-45-0000"),
    ("ssn", "12345678"),
    ("itin", "912-12-1234"),
    ("itin", "812-70-1234"),
    ("iban", "GB82 WEST 1234 5698 7654 33"),
    ("iban", "GB82"),
    ("gtin", "00844588003289"),
    ("gtin", "0844588003288"),
    ("calendar_day", "13/13/2021"),
    ("calendar_day", "0/14"),
    ("calendar_day", "2021-00-14"),
]


@pytest.mark.parametrize(("name", "value"), VALID)
def test_valid(name, value):
    assert getattr(checksums, name)(value)


@pytest.mark.parametrize(("name", "value"), INVALID)
def test_invalid(name, value):
    assert not getattr(checksums, name)(value)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, value in VALID if name in {"luhn", "card", "npi", "dea", "gtin"}])
def test_every_changed_digit_of_a_check_is_seen(name, value):
    last = value[-1]
    changed = [value[:-1] + digit for digit in "0123456789" if digit != last]
    assert not any(getattr(checksums, name)(one) for one in changed)
