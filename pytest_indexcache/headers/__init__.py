"""Header profiles: which header fields an index was seen to send, each with source and date."""

from pytest_indexcache.headers.fields import (
    FieldValue,
    Representation,
    apply_fields,
    check_field,
    check_name,
    check_value,
)
from pytest_indexcache.headers.profiles import (
    Group,
    HeaderProfile,
    ProfileSource,
    load_profile,
    profile_names,
)

__all__ = [
    "FieldValue",
    "Group",
    "HeaderProfile",
    "ProfileSource",
    "Representation",
    "apply_fields",
    "check_field",
    "check_name",
    "check_value",
    "load_profile",
    "profile_names",
]
