"""Everything a note in a form can work out, by the name its YAML gives."""

from collections.abc import Mapping

from intents.credit.telling import credit_verdict
from intents.forms.steps import Compute

COMPUTES: Mapping[str, Compute] = {"credit_verdict": credit_verdict}
