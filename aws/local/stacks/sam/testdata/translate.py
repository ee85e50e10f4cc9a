"""Reads a list of template texts and writes what SAM makes of each."""

import json
import sys

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def translate(text):
    try:
        return Translator({}, Parser()).translate(json.loads(text), {})
    except InvalidDocumentException as failed:
        return {"error": " ".join([failed.message] + [cause.message for cause in failed.causes])}


json.dump([translate(text) for text in json.load(sys.stdin)], sys.stdout)
