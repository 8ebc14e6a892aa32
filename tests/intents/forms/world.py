"""A form and somebody who fills it, without a bot around."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from intents.forms.flow import begin, hear
from intents.forms.loading import load_forms
from intents.forms.model import Form, FormState
from intents.forms.steps import Compute, Computed, Context, Step

TODAY = date(2026, 11, 24)  # a Tuesday


def written(folder: Path, text: str, *, computes: dict[str, Compute] | None = None) -> Form:
    """The form an editor wrote."""
    id = yaml.safe_load(text)["id"]
    (folder / f"{id}.yaml").write_text(text, encoding="utf-8")
    return load_forms(computes or {}, folder=folder)[id]


@dataclass
class Filler:
    """A person in front of one form."""

    form: Form
    compute: dict[str, Compute] = field(default_factory=dict)
    remembered: dict[str, str] = field(default_factory=dict)
    language: str = "zh"
    state: FormState | None = None

    @property
    def context(self) -> Context:
        """What a step may know."""
        return Context(
            today=TODAY, at=1.0, language=self.language, compute=self.compute, remembered=self.remembered
        )

    def opens(self, text: str = "") -> Step:
        """Open the form."""
        return self._after(begin(self.form, text, self.context))

    def says(self, *texts: str) -> Step:
        """Say one thing after the other; what the last one did."""
        for text in texts:
            assert self.state is not None
            step = self._after(hear(self.form, self.state, text, self.context))
        return step

    def _after(self, step: Step) -> Step:
        # through JSON, as between two messages
        self.state = FormState.from_json(step.state.to_json())
        assert self.state == step.state
        return step

    @property
    def answers(self) -> dict[str, str]:
        """What was understood so far."""
        assert self.state is not None
        return dict(self.state.answers)


def says(value: str, text: str = "") -> Compute:
    """A note that always finds the same."""
    return lambda answers, today, language: Computed(value=value, text=text or value)
