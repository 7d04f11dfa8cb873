"""Which database URLs are accepted: they are written by tenants."""

import pytest

from process_engine.database import database_url
from process_engine.errors import InvalidDatabaseUrlError


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://anna:secret@db:5433/engine?sslmode=require",
        "postgres://anna:secret@db:5433/engine?sslmode=require",
        "jdbc:postgresql://anna:secret@db:5433/engine?sslmode=require",
        "jdbc:postgresql://db:5433/engine?sslmode=require&user=anna&password=secret",
        "postgresql+psycopg://anna:secret@db:5433/engine?sslmode=require",
    ],
)
def test_postgresql_is_accepted_in_every_usual_spelling(text: str) -> None:
    url = database_url(text)

    assert url.drivername == "postgresql+psycopg"
    assert (url.host, url.port, url.database, url.username, url.password) == ("db", 5433, "engine", "anna", "secret")
    assert dict(url.query) == {"sslmode": "require"}


def test_sqlite_is_accepted() -> None:
    assert database_url("sqlite:///engine.db").database == "engine.db"
    assert database_url("sqlite+pysqlite:///engine.db") == database_url("sqlite:///engine.db")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("mysql://anna:secret@db/engine", "driver 'mysql'"),
        ("postgresql+pg8000://anna:secret@db/engine", "driver 'postgresql"),
        ("postgresql://anna:secret@db/engine?options=-csearch_path%3Dx", "option 'options'"),
        ("postgresql://anna:secret@db/engine?service=x", "option 'service'"),
        ("postgresql://anna:secret@db/engine?password=other", "option 'password'"),
        ("anna:secret at db", "cannot be read"),
    ],
)
def test_anything_else_is_refused_without_telling_the_password(text: str, rule: str) -> None:
    with pytest.raises(InvalidDatabaseUrlError, match=rule) as refused:
        database_url(text)

    assert "secret" not in str(refused.value)
