"""Scenarios about kinds of indexes and their behaviour, by title."""

from __future__ import annotations

INDEX_SCENARIOS = {
    "users": """
title = "t"
[indexes.private]
url = "https://ada:secret@packages.example.com/simple"
users = { ada = "secret" }
default = true
[indexes.private.packages]
idna."3.11" = {}
[project]
dependencies = ["idna"]
[[steps]]
do = "sync"
expect = { installed = { idna = "3.11" } }
[[steps]]
do = "set-users"
index = "private"
users = { ada = "changed" }
[[steps]]
do = "sync"
upgrade = true
refresh = true
expect = { exit = "failure", output = { lacks = ["secret"] } }
""",
    "sdist is built once": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.idna."3.11"]
files = [{ kind = "sdist" }]
[project]
dependencies = ["idna"]
[[steps]]
do = "sync"
expect = { downloads = { "idna-3.11.tar.gz" = 1 }, builds = { idna = 1 }, check = true }
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
expect = { downloads = {}, builds = {}, installed = { idna = "3.11" } }
""",
    "signed URLs that change": """
title = "t"
[indexes.pypi]
url = "https://packages.example.com/simple"
default = true
signed-urls = "https://blobs.example.com/store"
[indexes.pypi.packages]
idna."3.11" = {}
[project]
dependencies = ["idna"]
[[steps]]
do = "sync"
expect = { downloads = { idna = 1 } }
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
upgrade = true
expect = { downloads = {} }
""",
    "flat index": """
title = "t"
[indexes.links]
url = "https://packages.example.com/links"
flat = true
[indexes.links.packages]
idna."3.11" = {}
[indexes.pypi]
url = "https://pypi.org/simple"
[[steps]]
do = "install"
requirements = ["idna"]
find-links = ["links"]
no-index = true
expect = { downloads = { idna = 1 }, requests-to = { pypi = { total = 0 } } }
""",
    "editable install, built once each": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[local-projects.local]
path = "libs/local"
version = "2.0"
[[steps]]
do = "install"
editable = ["libs/local"]
[steps.expect]
origin = { local = "editable" }
editable = { local = true }
builds = { local = 1 }
builds-of = { local = "libs/local" }
[[steps]]
do = "install"
paths = ["libs/local"]
reinstall = true
expect = { origin = { local = "path" }, editable = { local = false } }
""",
    "extras of a folder": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
bar."1.0" = {}
[local-projects.local]
path = "libs/local"
extras = { web = ["bar"] }
[[steps]]
do = "install"
paths = ["libs/local"]
expect = { absent = ["bar"], downloads = {} }
[[steps]]
do = "install"
paths = ["libs/local[web]"]
expect = { downloads = { bar = 1 } }
[[steps]]
do = "install"
editable = ["libs/local[web]"]
venv = "second"
expect = { editable = { local = true }, installed = { bar = "1.0" } }
""",
    "wheels in the workspace": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.bar."1.0"]
[local-files]
"wheels/foo-1.0-py3-none-any.whl" = { requires = ["bar"] }
"wheels/foo-2.0.tar.gz" = {}
[[steps]]
do = "install"
requirements = ["foo"]
find-links = ["wheels"]
expect = { installed = { foo = "2.0" }, builds-of = { foo = "local" }, absent = ["bar"] }
[[steps]]
do = "edit"
remove = ["wheels/foo-2.0.tar.gz"]
[[steps]]
do = "install"
requirements = ["foo"]
find-links = ["wheels"]
venv = "second"
expect = { installed = { foo = "1.0", bar = "1.0" } }
[[steps]]
do = "edit"
local-files."wheels/foo-1.0-py3-none-any.whl" = { build = "new", modified = "2 days ago" }
[[steps]]
do = "install"
paths = ["wheels/foo-1.0-py3-none-any.whl"]
venv = "third"
expect = { builds-of = { foo = "new" }, origin = { foo = "path" }, absent = ["bar"] }
""",
    "a local project whose backend alone knows the version": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
[local-projects.lib]
path = "lib"
dynamic = true
[project]
dependencies = ["lib"]
[sources]
lib = { path = "lib" }
[[steps]]
do = "sync"
expect = { installed = { lib = "0.1.0" } }
[[steps]]
do = "edit"
local-projects.lib = { path = "lib", version = "0.2.0", dynamic = true }
[[steps]]
do = "sync"
expect = { installed = { lib = "0.2.0" } }
""",
    "an edge that has old answers, until it is purged": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
edge = { lifetime = { files = 60 } }
[indexes.pypi.packages]
foo."1.0" = {}
[[steps]]
do = "warm"
index = "pypi"
project = "foo"
at = "5 minutes ago"
[[steps]]
do = "publish"
index = "pypi"
project = "foo"
version = "2.0"
[[steps]]
do = "install"
requirements = ["foo"]
[steps.expect]
installed = { foo = "1.0" }
requests = { page = 1, wheel = 1 }
past-edge = { page = 0, wheel = 1, revalidated = 1 }
[[steps]]
do = "purge"
index = "pypi"
kind = "page"
[[steps]]
do = "install"
requirements = ["foo"]
upgrade = true
refresh = true
expect = { installed = { foo = "2.0" }, past-edge.page = 1 }
""",
    "an edge that is behind, until it is mended": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
foo."1.0" = {}
[[steps]]
do = "publish"
index = "pypi"
project = "foo"
version = "2.0"
[[steps]]
do = "fail"
index = "pypi"
how = "stale"
kind = "page"
times = "all"
[[steps]]
do = "install"
requirements = ["foo"]
expect = { installed = { foo = "1.0" } }
[[steps]]
do = "mend"
index = "pypi"
[[steps]]
do = "install"
requirements = ["foo"]
upgrade = true
refresh = true
expect = { installed = { foo = "2.0" } }
""",
    "what a page says is not what a file is": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.foo]
"1.0 … 1.2" = {}
"1.3" = { requires-python = ">=3.99", listed = { requires-python = false } }
"1.4" = { files = [{ yanked = "broken" }] }
[indexes.pypi.packages.bar."1.0"]
metadata = { hash = "wrong" }
[[steps]]
do = "install"
requirements = ["foo"]
expect = { installed = { foo = "1.2" } }
[[steps]]
do = "install"
requirements = ["bar"]
venv = "second"
expect = { exit = "failure" }
""",
    "a page that redirects, and one that serves another project": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
idna."3.11" = {}
[indexes.pypi.pages.old-idna]
redirect = "/simple/idna/"
[[steps]]
do = "install"
requirements = ["idna"]
expect = { downloads = { idna = 1 } }
[[steps]]
do = "install"
requirements = ["old-idna"]
expect = { exit = "failure", added = {} }
""",
}
