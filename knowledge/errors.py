"""Every error of the knowledge base.

KnowledgeError
├── ContentError   a content file is wrong: names the file, the key and the fix
├── BuildError     the artefacts cannot be built or opened
└── EncoderError   the encoder cannot be loaded or run
"""


class KnowledgeError(Exception):
    """The root: its message is one line that names the thing and the fix."""


class EncoderError(KnowledgeError):
    """The encoder cannot be loaded, or refused its input."""


class BuildError(KnowledgeError):
    """Artefacts cannot be built, or those on disk do not fit this program: the message says what to run."""


class ContentError(KnowledgeError):
    """A content file cannot be used.

    Args:
        file: path below the content folder, `faq/legal/labor.yaml`.
        key: where in the file, with the entry's id when it has one: `legal.labor.wages-unpaid: answer.lead`.
        problem: what is wrong, with the offending value.
        fix: what to write instead.
    """

    def __init__(self, file: str, key: str, problem: str, fix: str) -> None:
        super().__init__(f"{file}: {key}: {problem}; {fix}")
        self.file = file
        self.key = key
        self.problem = problem
        self.fix = fix
