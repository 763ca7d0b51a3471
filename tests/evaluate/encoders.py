"""Folders of tiny encoders whose weights are a function of their names: the same in every version of torch and transformers."""

from __future__ import annotations

import json
import string
import zlib
from pathlib import Path
from typing import Any

import numpy as np

LIMIT = 48
"""Tokens that they take, the marks included."""
CORPUS = [
    "the patient has a history of hypertension and takes lisinopril 10 mg daily .",
    "denies fever , chills or weight loss ; no known drug allergies .",
    "follow up in two weeks with a complete blood count .",
]


def drawn(shapes: dict[str, tuple[int, ...]], scale: float = 0.25) -> dict[str, Any]:
    """Weights drawn by the names of the parameters; those that scale a normalised layer lie around 1."""
    import torch

    found = {}
    for name, shape in shapes.items():
        draw = np.random.RandomState(zlib.crc32(name.encode())).standard_normal(shape)
        found[name] = torch.from_numpy(draw * scale + ("LayerNorm.weight" in name)).float()
    return found


def fill(model: Any, scale: float = 0.25) -> Any:
    """Give a model such weights."""
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items() if value.is_floating_point()}
    model.load_state_dict(drawn(shapes, scale), strict=False)
    return model


def write(weights: dict[str, Any], config: dict[str, Any], folder: Path) -> None:
    """Write model.safetensors and config.json."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in weights.items() if "position_ids" not in name}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))


def save(model: Any, architecture: str, folder: Path) -> None:
    """Write a model's folder, but for the tokenizer."""
    write(model.state_dict(), {**model.config.to_dict(), "architectures": [architecture]}, folder)


def wordpiece(folder: Path) -> int:
    """Write a WordPiece tokenizer in both of its forms; gives back the size of its vocabulary."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    words = {word for text in CORPUS for word in text.split() if len(word) > 1}
    letters = [*string.ascii_lowercase, *string.digits]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{one}" for one in letters), *".,;:-/()", *sorted(words)]
    backend = Tokenizer(models.WordPiece({piece: place for place, piece in enumerate(pieces)}, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer()
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    folder.mkdir(parents=True, exist_ok=True)
    backend.save(str(folder / "tokenizer.json"))
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
    marks = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", "model_max_length": LIMIT, **marks}))
    return len(pieces)


def bert(folder: Path) -> Path:
    """A BERT of three layers."""
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=wordpiece(folder), hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=48,
        max_position_embeddings=LIMIT,
    )  # fmt: skip
    save(fill(BertModel(config)), "BertModel", folder)
    return folder


def roberta(folder: Path) -> Path:
    """A RoBERTa of three layers with a byte-level tokenizer, whose words know whether a space is before them."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaConfig, RobertaModel

    backend = ByteLevelBPETokenizer()
    marks = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    backend.train_from_iterator(CORPUS * 5, vocab_size=360, min_frequency=2, special_tokens=marks, show_progress=False)
    folder.mkdir(parents=True, exist_ok=True)
    backend.save_model(str(folder))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "RobertaTokenizer", "model_max_length": LIMIT}))
    config = RobertaConfig(
        vocab_size=backend.get_vocab_size(), hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=48,
        max_position_embeddings=LIMIT + 2, pad_token_id=1, bos_token_id=0, eos_token_id=2,
    )  # fmt: skip
    save(fill(RobertaModel(config)), "RobertaModel", folder)
    return folder
