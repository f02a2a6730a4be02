"""The commands that clear and prune the cache folder, or print its path."""

from __future__ import annotations

from pathlib import Path

from packaging.utils import canonicalize_name

from pytest_indexcache.reference.commands.command import Commands
from pytest_indexcache.reference.commands.session import Session
from pytest_indexcache.reference.http_cache.response_store import ResponseStore
from pytest_indexcache.system.atomic_files import remove_tree


class CacheCommands(Commands):
    """The commands that act on the cache folder."""

    def cache_clear(self) -> int:
        """Remove the named projects, or all, from the cache; return how many files were removed."""
        if self.settings.behaviour.keep_after_clear:
            return 0
        session = Session(self.settings, self.options, ())
        responses = ResponseStore(self.settings.cache_dir / "http")
        names = frozenset(map(canonicalize_name, self.options.only_projects))
        if names:
            for url in (*session.store.urls_of(names), *session.records.urls_of(names)):
                responses.remove_url(url)
        else:
            responses.clear()
        session.records.clear(names)
        return self._say_removed(session.store.clear(names))

    def cache_prune(self) -> int:
        """Remove damaged and unused files and records; return how many were removed.

        With ``ci``, everything that can be downloaded again is also removed, so only locally built
        wheels are kept.
        """
        if self.settings.behaviour.prune_everything:
            return self.cache_clear()
        session = Session(self.settings, self.options, ())
        count = session.records.remove_damaged() + session.store.prune(downloads=self.options.ci)
        if self.options.ci:
            remove_tree(self.settings.cache_dir / "http")
        return self._say_removed(count)

    def cache_dir(self) -> Path:
        """Print and return the path of the cache folder."""
        print(self.settings.cache_dir)
        return self.settings.cache_dir

    def _say_removed(self, count: int) -> int:
        self.settings.echo(f"Removed {count} {'file' if count == 1 else 'files'} from the cache")
        return count
