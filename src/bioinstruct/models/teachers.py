"""Which teacher a section means: the embedded one, a model behind an endpoint, or one in this process."""

from __future__ import annotations

from collections.abc import Callable

from bioinstruct.core.errors import Problem
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.models import dialect, endpoint
from bioinstruct.models.base import Teacher

EMBEDDED = ("embedded", "embedded-general")
"""Values of `generate.teacher` that mean a teacher of the package: of biomedical tasks, and of everyday ones."""


def is_embedded(section: GenerateSection) -> bool:
    """Whether the teacher is a program that ships with the package."""
    return section.teacher in EMBEDDED


def problems(section: GenerateSection) -> list[Problem]:
    """What is wrong with the section's teacher, found without asking it anything."""
    found: list[Problem] = []
    if is_embedded(section):
        if section.endpoint is not None:
            allowed = "null with the embedded teacher, or generate.teacher = a model name that the endpoint knows"
            found.append(Problem("generate.endpoint", "a URL", allowed))
        if section.provider != "openai":
            found.append(Problem("generate.provider", f"'{section.provider}'", "'openai' (the default) with the embedded teacher"))
        if section.batch:
            found.append(Problem("generate.batch", "true", "false with the embedded teacher"))
        return found
    if section.provider == "local":
        from bioinstruct.models import local_teacher

        return local_teacher.problems(section)
    found += endpoint.problems(section.endpoint, section.api_key_env)
    found += dialect.problems(section.teacher, section.accepts, section.temperature)
    if section.provider == "azure":
        if section.azure_version is None:
            found.append(Problem("generate.azure_version", "null", "Azure's api-version, such as 2024-10-21"))
        if endpoint.address(section.endpoint) is None:
            found.append(Problem("generate.endpoint", "null", "the Azure resource's URL, such as https://NAME.openai.azure.com"))
        if section.batch:
            found.append(Problem("generate.batch", "true", "false with Azure: only OpenAI's own batch endpoints are supported"))
    elif section.azure_version is not None:
        found.append(Problem("generate.azure_version", f"'{section.azure_version}'", "null unless generate.provider is 'azure'"))
    return found


def paid(section: GenerateSection) -> str | None:
    """The teacher's name if asking it may cost money; None where it is free."""
    return None if is_free(section) else section.teacher


def is_free(section: GenerateSection) -> bool:
    """Whether the teacher runs in this process and bills nobody."""
    return is_embedded(section) or section.provider == "local"


def open_teacher(section: GenerateSection, say: Callable[[str], None] = lambda _: None) -> Teacher:
    """The teacher that the section names.

    Raises:
        InputError: its endpoint or key cannot be used.
    """
    if is_embedded(section):
        from bioinstruct.models.embedded import EmbeddedTeacher  # here: its tables are read only where they are asked

        return EmbeddedTeacher(section.teacher)
    if section.provider == "local":
        from bioinstruct.models.local_teacher import LocalTeacher

        return LocalTeacher(section.teacher)
    return endpoint.EndpointTeacher(
        section.teacher,
        section.endpoint,
        section.api_key_env,
        azure_version=section.azure_version if section.provider == "azure" else None,
        accepts=section.accepts,
        timeout=section.timeout,
        connections=section.concurrency,
        say=say,
    )
