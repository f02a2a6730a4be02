"""The names that tests import from the package, for type checkers; see ``exports.py``."""

from pytest_indexcache.errors import FakeIndexError as FakeIndexError
from pytest_indexcache.errors import FilterError as FilterError
from pytest_indexcache.errors import IndexcacheError as IndexcacheError
from pytest_indexcache.errors import PlayError as PlayError
from pytest_indexcache.errors import ScenarioError as ScenarioError
from pytest_indexcache.fixtures.factories import IndexFactory as IndexFactory
from pytest_indexcache.fixtures.factories import WireIndexFactory as WireIndexFactory
from pytest_indexcache.fixtures.ledger import Exchanges as Exchanges
from pytest_indexcache.fixtures.ledger import Ledger as Ledger
from pytest_indexcache.fixtures.player import Player as Player
from pytest_indexcache.fixtures.player import explain as explain
from pytest_indexcache.fixtures.served_index import ServedIndex as ServedIndex
from pytest_indexcache.fixtures.wheels import Wheel as Wheel
from pytest_indexcache.fixtures.wheels import WheelFactory as WheelFactory
from pytest_indexcache.messages import Exchange as Exchange
from pytest_indexcache.messages import Headers as Headers
from pytest_indexcache.messages import Kind as Kind
from pytest_indexcache.run.plays.results import Check as Check
from pytest_indexcache.run.plays.results import PlayResult as PlayResult
from pytest_indexcache.run.plays.results import StepResult as StepResult
from pytest_indexcache.run.plays.results import Traffic as Traffic
from pytest_indexcache.run.plays.results import Verdict as Verdict
from pytest_indexcache.scenario.model import Scenario as Scenario

__version__: str
