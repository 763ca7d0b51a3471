"""Which hidden layer BERTScore reads of a published encoder, where its authors have chosen one by agreement with human marks.

The numbers are those of the package bert_score 0.3.13 (Zhang et al. 2020, appendix B, and its later additions), for encoders that are
loaded here. A name without an owner is the hub's old name of the same model. For any other encoder the recipe must say the layer.
"""

from __future__ import annotations

LAYERS = {
    "FacebookAI/roberta-base": 10,
    "FacebookAI/roberta-large": 17,
    "FacebookAI/roberta-large-mnli": 19,
    "FacebookAI/xlm-roberta-base": 9,
    "FacebookAI/xlm-roberta-large": 17,
    "ProsusAI/finbert": 10,
    "SpanBERT/spanbert-base-cased": 8,
    "SpanBERT/spanbert-large-cased": 17,
    "albert/albert-base-v2": 9,
    "albert/albert-large-v2": 14,
    "albert/albert-xlarge-v2": 13,
    "albert/albert-xxlarge-v2": 8,
    "allenai/scibert_scivocab_cased": 9,
    "allenai/scibert_scivocab_uncased": 8,
    "distilbert/distilbert-base-multilingual-cased": 5,
    "distilbert/distilbert-base-uncased": 5,
    "distilbert/distilroberta-base": 5,
    "google-bert/bert-base-multilingual-cased": 9,
    "google-bert/bert-base-uncased": 9,
    "google-bert/bert-large-uncased": 18,
    "google/electra-base-discriminator": 9,
    "google/electra-large-discriminator": 14,
    "google/electra-small-discriminator": 11,
    "microsoft/deberta-base": 9,
    "microsoft/deberta-base-mnli": 9,
    "microsoft/deberta-large": 16,
    "microsoft/deberta-large-mnli": 18,
    "microsoft/deberta-v2-xlarge": 10,
    "microsoft/deberta-v2-xlarge-mnli": 17,
    "microsoft/deberta-v2-xxlarge": 21,
    "microsoft/deberta-v2-xxlarge-mnli": 22,
    "microsoft/deberta-v3-base": 9,
    "microsoft/deberta-v3-large": 12,
    "microsoft/deberta-v3-small": 4,
    "microsoft/deberta-v3-xsmall": 10,
    "microsoft/deberta-xlarge": 18,
    "microsoft/deberta-xlarge-mnli": 40,
    "microsoft/mdeberta-v3-base": 10,
    "microsoft/mpnet-base": 8,
    "princeton-nlp/sup-simcse-bert-base-uncased": 10,
    "princeton-nlp/sup-simcse-roberta-large": 16,
}
"""Hub id -> layer, counted from 1; 0 would be the embeddings."""

STACKS = {
    "albert": "",
    "bert": "encoder.layer",
    "deberta": "encoder.layer",
    "deberta-v2": "encoder.layer",
    "distilbert": "transformer.layer",
    "electra": "encoder.layer",
    "modernbert": "layers",
    "mpnet": "encoder.layer",
    "roberta": "encoder.layer",
    "xlm-roberta": "encoder.layer",
}
"""Architecture (`model_type`) -> where its layers are; empty: one layer used again and again."""
