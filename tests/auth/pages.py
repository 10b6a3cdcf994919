"""Reading the pages that forms answer with."""

import re
from html import unescape

from werkzeug.test import TestResponse

ERROR = re.compile(r'<p class="field-error" id="(\w+)-error">([^<]*)</p>')
NOTICE = re.compile(r'<p class="notice[^>]*>([^<]*)</p>')
VALUE = re.compile(r'<input[^>]*\bname="(\w+)"[^>]*\bvalue="([^"]*)"')


def errors_of(response: TestResponse) -> dict[str, str]:
    """What the form says is wrong, by field."""
    return {field: unescape(text) for field, text in ERROR.findall(response.text)}


def values_of(response: TestResponse) -> dict[str, str]:
    """What stands in the form's text fields."""
    return {field: unescape(text) for field, text in VALUE.findall(response.text)}


def notices_of(response: TestResponse) -> list[str]:
    """What the page says was done."""
    return [unescape(text).strip() for text in NOTICE.findall(response.text)]
