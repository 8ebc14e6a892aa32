"""Errors of the encoder build.

TrainingError    the source, a checkpoint or the training pairs cannot be used
"""


class TrainingError(Exception):
    """The encoder cannot be built from what was given; the message names the fix."""
