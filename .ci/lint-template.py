#!/usr/bin/env python3
"""Holds a template against cfn-lint and the SAM translator.

lint-template.py TEMPLATE INLINED: TEMPLATE is the file as it is written, INLINED the
JSON with the machine definitions in it. Both forms, and what the SAM translator makes
of the second, must be free of findings in every region. Ends with 1 and the findings
otherwise. With --check it only tells whether the tools are there.
"""

import json
import os
import pathlib
import sys
import tempfile

try:
    from cfnlint.api import ManualArgs, lint_file
    from samtranslator.public.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform
except ImportError as missing:
    sys.exit(f"cfn-lint or aws-sam-translator is missing ({missing}): pip install cfn-lint aws-sam-translator")

# Commercial, GovCloud and China.
REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1", "us-gov-west-1", "cn-north-1"]
PARAMETERS = {"VpcId": "vpc-00000000000000001", "SubnetIds": "subnet-00000000000000001,subnet-00000000000000002"}


class NoManagedPolicies:
    """The template names no managed policy, so that none is asked of IAM."""

    @staticmethod
    def load():
        return {}


def findings(path, what, regions):
    """Whatever cfn-lint says, hints too."""
    arguments = ManualArgs(regions=regions, include_checks=["I"])
    return [
        f"{what}: {match.rule.id} at line {match.linenumber}: {match.message}" for match in lint_file(pathlib.Path(path), arguments)
    ]


def translated(path, region):
    os.environ["AWS_DEFAULT_REGION"] = region
    with open(path, encoding="utf-8") as file:
        return transform(json.load(file), dict(PARAMETERS), NoManagedPolicies)


def problems(source, inlined):
    found = findings(source, "as written", REGIONS) + findings(inlined, "inlined", REGIONS)
    for region in REGIONS:
        try:
            result = translated(inlined, region)
        except InvalidDocumentException as refused:
            found.append(f"translated for {region}: {refused.message} {[cause.message for cause in refused.causes]}")
            continue
        left = [name for name, r in result["Resources"].items() if r["Type"].startswith("AWS::Serverless::")]
        found += [f"translated for {region}: {name} was left as it is" for name in left]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "translated.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(result, file)
            found += findings(path, f"translated for {region}", [region])
    return found


def main(arguments):
    if arguments == ["--check"]:
        return
    if len(arguments) != 2:
        sys.exit("give the template and its inlined form")
    found = problems(*arguments)
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main(sys.argv[1:])
