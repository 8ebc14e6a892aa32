"""The configured encoder."""

from bot.config import Config
from knowledge.encoder import Encoder, OnnxEncoder, SentenceTransformerEncoder


def open_encoder(config: Config) -> Encoder:
    """The encoder config.yaml names. Raises EncoderError when it cannot be loaded."""
    settings = config.encoder
    if settings.kind == "onnx":
        return OnnxEncoder(
            config.path(settings.model), threads=settings.threads, cache_rows=settings.cache_size
        )
    return SentenceTransformerEncoder(settings.model)
