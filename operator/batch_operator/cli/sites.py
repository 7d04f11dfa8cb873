"""From manifests and options to the database that each Batch is run on."""

from dataclasses import dataclass, field

from sqlalchemy import URL

from batch_operator.errors import ManifestError
from batch_operator.local.engine_site import EngineSite
from batch_operator.manifests import Manifests
from batch_operator.resources.batch import Batch
from batch_operator.resources.engine import ProcessEngine
from process_engine.batch.ledger import DEFAULT_SCHEMA, Ledger
from process_engine.configuration import EngineConfiguration
from process_engine.database import connect
from process_engine.engine import ProcessEngine as Engine


@dataclass
class EngineSites:
    """The engines that the Batches of some manifests name, each opened once.

    All are in the one database that is given; a ProcessEngine's manifest gives the facts about its engine and where
    the ledger is. Without any ProcessEngine the defaults hold.
    """

    url: URL
    manifests: Manifests
    namespace: str
    ledger_schema: str | None = None
    _opened: dict[tuple[str, str], EngineSite] = field(default_factory=dict[tuple[str, str], EngineSite])

    def check(self) -> None:
        """Find out whether every Batch has its engine.

        Raises:
            ManifestError: It has not, or there is no Batch at all.
        """
        wrong = [
            f"Batch {batch.metadata.name}: spec.engineRef.name: {batch.spec.engine_ref.name!r} is no ProcessEngine of "
            "these manifests; add it, or leave all ProcessEngines out"
            for batch in self.manifests.batches
            if self.manifests.engines and self._engine(batch) is None
        ]
        if not self.manifests.batches:
            wrong.append("the manifests have no Batch")
        if wrong:
            raise ManifestError(wrong)

    def of(self, batch: Batch) -> EngineSite:
        """The open engine of a Batch.

        Raises:
            UnsupportedSchemaError: The database is not of a supported engine.
            EngineFactError: What the ProcessEngine says contradicts it.
        """
        key = (batch.metadata.namespace or self.namespace, batch.spec.engine_ref.name)
        if key not in self._opened:
            self._opened[key] = self._open(self._engine(batch))
        return self._opened[key]

    def _engine(self, batch: Batch) -> ProcessEngine | None:
        namespace = batch.metadata.namespace or self.namespace
        wanted = (namespace, batch.spec.engine_ref.name)
        engines = {
            (each.metadata.namespace or self.namespace, each.metadata.name): each for each in self.manifests.engines
        }
        return engines.get(wanted)

    def _open(self, manifest: ProcessEngine | None) -> EngineSite:
        facts = manifest.spec.engine.configuration() if manifest else EngineConfiguration()
        settings = manifest.spec.ledger if manifest else None
        schema = self.ledger_schema or (settings.schema_name if settings else DEFAULT_SCHEMA)
        engine = Engine.attach(connect(self.url), facts)
        return EngineSite(
            self.url, engine, Ledger(engine.database, schema, create=settings.create if settings else True)
        )
