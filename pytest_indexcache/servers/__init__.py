"""Server profiles: header fields and behaviour of known indexes, with sources and dates."""

from pytest_indexcache.servers.answers import Answers, Validator
from pytest_indexcache.servers.fields import (
    FieldValue,
    Representation,
    apply_fields,
    check_field,
    check_name,
    check_value,
)
from pytest_indexcache.servers.profiles import (
    Group,
    ProfileSource,
    ServerProfile,
    load_profile,
    profile_names,
    server_at,
)

__all__ = [
    "Answers",
    "FieldValue",
    "Group",
    "ProfileSource",
    "Representation",
    "ServerProfile",
    "Validator",
    "apply_fields",
    "check_field",
    "check_name",
    "check_value",
    "load_profile",
    "profile_names",
    "server_at",
]
