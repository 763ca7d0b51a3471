"""What is trained, to look at: records as the model sees them, the trained tokens coloured."""

from __future__ import annotations

from collections.abc import Sequence

from bioinstruct.core import template
from bioinstruct.core.recipe import TuneSection
from bioinstruct.core.records import Instruction
from bioinstruct.models import local
from bioinstruct.models.encode import Encoder
from bioinstruct.tune import guard
from bioinstruct.tune.data import Example, encode


def show(section: TuneSection, instructions: Sequence[Instruction], n: int) -> str:
    """The first `n` records as rich markup: a line of counts, the prompt dim, the trained tokens green, special tokens shown.

    Text of the records is escaped. Records that do not fit are named.

    Raises:
        InputError: the base or its tokenizer is not usable.
    """
    encoder = Encoder(local.load_tokenizer(section.base), template.get(section.template))
    encoded = encode(instructions[:n], encoder, guard.limit(section, guard.context(section.base)))
    parts = [_render(example, encoder) for example in encoded.examples]
    parts += [f"[bold]record {record}[/bold]  dropped: longer than the limit without its input" for record in encoded.dropped]
    return "\n\n".join(parts)


def _render(example: Example, encoder: Encoder) -> str:
    from rich.markup import escape

    def text(ids: Sequence[int]) -> str:
        return escape(str(encoder.tokenizer.decode(list(ids), clean_up_tokenization_spaces=False)))

    cut = ", input cut" if example.cut else ""
    head = f"[bold]record {escape(example.id)}[/bold]  {len(example.trained)} of {example.n_tokens} tokens trained{cut}"
    prompt = text([*example.preamble, *example.body[: example.labels_from]])
    return f"{head}\n[dim]{prompt}[/dim][green]{text(example.trained)}[/green]"
