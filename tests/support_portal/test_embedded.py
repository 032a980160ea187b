"""The embedded servers start from anything that an earlier life may have left, and end with their starter."""

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from support_portal import embedded
from support_portal.embedded import Departure
from tests.processes import BASE_DIR, eventually

WAYS = [Departure.NAMESPACE, Departure.NOBODY] if os.geteuid() == 0 else [Departure.STAY]


@pytest.fixture
def postgres(tmp_path: Path) -> embedded.Postgres:
    sockets = embedded.socket_folder(tmp_path / "run")
    return embedded.Postgres(tmp_path / "postgres", sockets, tmp_path / "log" / "postgres.log", durable=False)


@pytest.fixture
def running(postgres: embedded.Postgres) -> Iterator["subprocess.Popen[bytes]"]:
    process = postgres.start()
    yield process
    embedded.stop(process, signal.SIGINT)


def ask(postgres: embedded.Postgres, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(postgres.url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def owned_by(user: int, folder: Path) -> bool:
    return all(path.lstat().st_uid == user for path in folder.rglob("*"))


def test_postgres_starts_from_an_empty_folder_and_knows_chinese(
    postgres: embedded.Postgres, running: "subprocess.Popen[bytes]"
) -> None:
    ask(postgres, "CREATE EXTENSION pg_trgm")

    assert ask(postgres, "SELECT show_trgm('信箱') <> '{}', current_setting('timezone')") == [(True, "UTC")]


@pytest.mark.parametrize("way", WAYS)
def test_postgres_runs_for_root_in_every_way_there_is(tmp_path: Path, way: Departure) -> None:
    folder = tmp_path / "postgres"
    server = embedded.Postgres(
        folder, embedded.socket_folder(tmp_path / "run"), tmp_path / "log" / "postgres.log", False, way
    )

    process = server.start()

    assert ask(server, "SELECT 1") == [(1,)]
    assert owned_by(embedded.NOBODY if way is Departure.NOBODY else os.geteuid(), folder)
    embedded.stop(process, signal.SIGINT)


def test_data_survives_a_change_of_the_way_out_of_root(tmp_path: Path) -> None:
    sockets, log = embedded.socket_folder(tmp_path / "run"), tmp_path / "log" / "postgres.log"
    servers = [embedded.Postgres(tmp_path / "postgres", sockets, log, False, way) for way in [*WAYS, *WAYS]]
    for number, server in enumerate(servers):
        process = server.start()

        ask(server, "CREATE TABLE IF NOT EXISTS lives (number int)")
        assert len(ask(server, f"INSERT INTO lives VALUES ({number}); SELECT * FROM lives")) == number + 1
        embedded.stop(process, signal.SIGINT)


def test_postgres_recovers_after_all_its_processes_were_killed(postgres: embedded.Postgres) -> None:
    """P-1"""
    postgres = dataclasses.replace(postgres, durable=True)
    process = postgres.start()
    ask(postgres, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    process = postgres.start()

    assert ask(postgres, "SELECT id FROM kept") == [(7,)]
    embedded.stop(process, signal.SIGINT)


def test_postgres_takes_over_from_one_that_lost_its_starter(postgres: embedded.Postgres) -> None:
    orphan = postgres.start()
    ask(postgres, "CREATE TABLE kept (id int)")

    heir = postgres.start()

    assert orphan.wait(10) == 0
    assert ask(postgres, "SELECT * FROM kept") == []
    embedded.stop(heir, signal.SIGINT)


def test_a_lock_that_names_a_stranger_is_removed(postgres: embedded.Postgres) -> None:
    embedded.stop(postgres.start(), signal.SIGINT)
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.data}\n")

    process = postgres.start()

    assert ask(postgres, "SELECT 1") == [(1,)]
    embedded.stop(process, signal.SIGINT)


def test_a_set_up_that_was_interrupted_is_begun_anew(postgres: embedded.Postgres) -> None:
    draft = postgres.data.with_name("postgres.new")
    (draft / "base").mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18")

    process = postgres.start()

    assert ask(postgres, "SELECT 1") == [(1,)]
    assert not draft.exists()
    embedded.stop(process, signal.SIGINT)


def test_a_failing_start_says_why(postgres: embedded.Postgres) -> None:
    embedded.stop(postgres.start(), signal.SIGINT)
    (postgres.data / "postgresql.conf").write_text("shared_buffers = 'a lot'\n")

    with pytest.raises(
        embedded.ServerError, match=r"FATAL: .*postgresql\.conf. contains errors.*; see .*postgres\.log"
    ):
        postgres.start()


def test_valkey_keeps_its_queue_over_a_restart(tmp_path: Path) -> None:
    valkey = embedded.Valkey(tmp_path / "v", embedded.socket_folder(tmp_path / "run"), tmp_path / "log" / "valkey.log")
    process = valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        client.rpush("queue", "job")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    embedded.stop(process, signal.SIGTERM)

    process = valkey.start()

    with redis.Redis.from_url(valkey.url) as client:
        assert client.lrange("queue", 0, -1) == [b"job"]
    embedded.stop(process, signal.SIGTERM)


def test_a_folder_has_one_holder_until_that_one_dies(tmp_path: Path) -> None:
    script = (
        "import sys, signal; from pathlib import Path; from support_portal import embedded\n"
        "with embedded.held(Path(sys.argv[1]), 'somebody'): print('held', flush=True); signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(embedded.AlreadyHeld, match=f"in use by somebody .process {holder.pid}"):
            embedded.held(tmp_path, "another").__enter__()
        holder.kill()

    with embedded.held(tmp_path, "another"):
        assert "another" in (tmp_path / "holder.lock").read_text()


def test_servers_die_with_whoever_started_them(tmp_path: Path) -> None:
    script = (
        "import sys, signal; from pathlib import Path; from support_portal import embedded\n"
        "servers = embedded.Servers(Path(sys.argv[1]), durable=False); servers.start()\n"
        "print('up', flush=True); signal.pause()"
    )
    servers = embedded.Servers(tmp_path, durable=False)
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout
        assert starter.stdout.readline() == "up\n"
        assert servers.answer()
        starter.kill()

    eventually(lambda: not servers.postgres.answers() and not servers.valkey.answers(), what="both are gone")


def test_a_dead_server_is_revived(tmp_path: Path) -> None:
    with embedded.Servers(tmp_path, durable=False, postgres=False) as servers:
        assert servers.revive() == []
        with redis.Redis.from_url(servers.valkey.url) as client:
            os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
        eventually(lambda: servers.revive() == ["valkey"], what="its end is noticed")

        assert servers.answer()


def test_sockets_of_a_long_path_live_under_a_short_one_of_our_own(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 90)

    assert len(str(embedded.socket_folder(long))) < embedded.LONGEST_SOCKET_FOLDER
    assert embedded.socket_folder(long) == embedded.socket_folder(long)
    assert embedded.socket_folder(long) != embedded.socket_folder(long / "other")
    assert embedded.socket_folder(Path("/srv/var/run")) == Path("/srv/var/run")


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    sockets = tmp_path / "run"
    sockets.symlink_to(tmp_path)

    with pytest.raises(embedded.ServerError, match="belongs to another user"):
        embedded.Valkey(tmp_path / "valkey", sockets, tmp_path / "log" / "valkey.log").start()
