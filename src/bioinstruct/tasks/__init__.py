"""L1: what is asked and how it is graded. One file a task pair: the embedded task and the real one it stands for.

>>> from bioinstruct.tasks import TASKS, ItemRequest
>>> task = TASKS.get("usmle_embedded")
>>> collection = task.collect(ItemRequest(n=2, seed=1))
"""

from __future__ import annotations

from bioinstruct.core.registry import Registry
from bioinstruct.tasks.base import Collection, Grade, ItemRequest, Task, check, check_file

__all__ = ["TASKS", "Collection", "Grade", "ItemRequest", "Task", "check", "check_file"]

TASKS: Registry[Task] = Registry(
    "task",
    {
        "usmle_embedded": "bioinstruct.tasks.medqa:USMLE_EMBEDDED",
        "medmcqa_embedded": "bioinstruct.tasks.medmcqa:MEDMCQA_EMBEDDED",
        "pubmedqa_embedded": "bioinstruct.tasks.pubmedqa:PUBMEDQA_EMBEDDED",
        "bioasq_embedded": "bioinstruct.tasks.bioasq:BIOASQ_EMBEDDED",
        "nli_embedded": "bioinstruct.tasks.nli:NLI_EMBEDDED",
        "medication_status_embedded": "bioinstruct.tasks.medication_status:MEDICATION_STATUS_EMBEDDED",
        "coreference_embedded": "bioinstruct.tasks.coreference:COREFERENCE_EMBEDDED",
        "conv2note_embedded": "bioinstruct.tasks.conv2note:CONV2NOTE_EMBEDDED",
        "patient_answer_embedded": "bioinstruct.tasks.patient_answer:PATIENT_ANSWER_EMBEDDED",
        "medqa_4": "bioinstruct.tasks.medqa:MEDQA_4",
        "medqa_5": "bioinstruct.tasks.medqa:MEDQA_5",
        "medmcqa": "bioinstruct.tasks.medmcqa:MEDMCQA",
        "mmlu_med": "bioinstruct.tasks.mmlu:MMLU_MED",
        "pubmedqa": "bioinstruct.tasks.pubmedqa:PUBMEDQA",
        "pubmedqa_1000": "bioinstruct.tasks.pubmedqa:PUBMEDQA_1000",
        "pubmedqa_closed": "bioinstruct.tasks.pubmedqa:PUBMEDQA_CLOSED",
        "bioasq_blurb": "bioinstruct.tasks.bioasq:BIOASQ_BLURB",
        "bioasq_mirage": "bioinstruct.tasks.bioasq:BIOASQ_MIRAGE",
        "mednli": "bioinstruct.tasks.nli:MEDNLI",
        "medication_status": "bioinstruct.tasks.medication_status:MEDICATION_STATUS",
        "coreference": "bioinstruct.tasks.coreference:COREFERENCE",
        "ncbi_disease": "bioinstruct.tasks.ncbi_disease:NCBI_DISEASE",
        "conv2note": "bioinstruct.tasks.conv2note:CONV2NOTE",
        "conv2note_test": "bioinstruct.tasks.conv2note:CONV2NOTE_TEST",
        "icliniq": "bioinstruct.tasks.patient_answer:ICLINIQ",
    },
)
"""Every task by name; `docs/tasks.md` describes them."""
