"""The command `anwen`. Each command is thin: it builds the application and prints what it says.

Errors are one line on standard error and exit code 2; tracebacks are for bugs.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot import config as configuration
from bot import logs
from bot.commands import admin, data, telegram, tickets
from bot.commands.options import DEFAULT_CONFIG, AsJson, ConfigOption, Lines
from bot.config import Logging
from bot.errors import AnwenError, InvalidRequest
from bot.memory import hold
from knowledge.errors import KnowledgeError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="安问 anwen: the district's help desk.",
)
knowledge_app = typer.Typer(no_args_is_help=True, help="Check and compile the knowledge.")
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(admin.app, name="admin")
app.add_typer(tickets.app, name="tickets")
app.add_typer(telegram.app, name="telegram")
for command in (data.backup, data.restore, data.purge):
    app.command()(command)


def main() -> None:
    """Run a command; an error people can fix is one line and exit code 2."""
    logs.configure(Logging(level="warning"))  # before any command: the default prints what people wrote
    try:
        app()
    except (AnwenError, KnowledgeError) as error:
        _refuse(str(error))


def _refuse(line: str) -> NoReturn:
    sys.stderr.write(f"anwen: {line}\n")
    raise SystemExit(2)


@app.command()
def serve(
    config: ConfigOption = DEFAULT_CONFIG,
    host: Annotated[str | None, typer.Option(help="Listen here instead of server.host.")] = None,
    port: Annotated[int | None, typer.Option(help="Listen here instead of server.port.")] = None,
) -> None:
    """Serve the web chat and the API until stopped."""
    hold()
    from bot.serving import serve as run

    run(configuration.load(config), host=host, port=port)


@app.command()
def chat(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Talk to anwen in this terminal."""
    from bot.app import build
    from bot.channels.terminal import run_chat

    with build(configuration.load(config)) as built:
        run_chat(built.engine)


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question.")] = "",
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: AsJson = False,
    jsonl: Lines = "",
) -> None:
    """Answer one question, or a file of questions, each in a conversation of its own."""
    from bot.app import build
    from bot.asking import ask_lines, ask_one, read_questions

    if bool(text) == bool(jsonl):
        raise InvalidRequest("usage", 'give a question, or --jsonl FILE: anwen ask "老板拖欠工资怎么办"')
    questions = read_questions(jsonl) if jsonl else ()
    with build(configuration.load(config), keep_conversations=False) as built:
        if jsonl:
            for outcome in ask_lines(built.engine, questions):
                typer.echo(json.dumps(outcome, ensure_ascii=False))
            return
        outcome = ask_one(built.engine, text, id="1")
        typer.echo(json.dumps(outcome, ensure_ascii=False) if as_json else _readable(outcome))


@app.command()
def check(
    text: Annotated[str, typer.Argument(help="The message, as it was received or told.")] = "",
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: AsJson = False,
    jsonl: Lines = "",
) -> None:
    """Check a message for signs of fraud, or a file of messages; no sign found never means that it is safe."""
    from bot.asking import read_questions
    from bot.checking import check_lines, readable
    from bot.encoders import open_encoder
    from intents.fraud.assess import assess

    if bool(text) == bool(jsonl):
        raise InvalidRequest("usage", 'give a message, or --jsonl FILE: anwen check "短信全文"')
    messages = read_questions(jsonl) if jsonl else ()
    encode = open_encoder(configuration.load(config)).encode_queries
    if jsonl:
        for outcome in check_lines(messages, encode=encode):
            typer.echo(json.dumps(outcome, ensure_ascii=False))
        return
    found = assess(text, encode=encode)
    typer.echo(json.dumps(found.to_json("1"), ensure_ascii=False) if as_json else readable(found))


def _readable(outcome: dict[str, Any]) -> str:
    blocks = []
    for reply in outcome["replies"]:
        lines = [reply["text"]]
        lines += [f"  [{number}] {choice['label']}" for number, choice in enumerate(reply["choices"], 1)]
        lines += [
            f"  — {source['title']}{source['article'] or ''}（{source['reviewed_on']}）"
            for source in reply["sources"]
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


@app.command()
def doctor(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Check this machine and say what is wrong and how to fix it."""
    from bot.doctor import examine

    failed = False
    for finding in examine(config):
        failed = failed or not finding.passed
        typer.echo(f"{'ok  ' if finding.passed else 'FAIL'}  {finding.name}: {finding.says}")
    raise SystemExit(1 if failed else 0)


@app.command("eval")
def evaluate(
    config: ConfigOption = DEFAULT_CONFIG,
    questions: Annotated[Path, typer.Option(help="The folder of question files.")] = Path(
        "tests/evals/questions"
    ),
    split: Annotated[str, typer.Option(help="tune, test or all.")] = "test",
    write: Annotated[Path | None, typer.Option(help="Write the report here as Markdown.")] = None,
) -> None:
    """Answer the development questions through the whole bot and report how right it was."""
    from bot.evaluating import run_evaluation

    report = run_evaluation(configuration.load(config), questions, split=split)
    typer.echo(report)
    if write is not None:
        write.write_text(report, encoding="utf-8")


@knowledge_app.command("check")
def check_knowledge(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Check every entry and form; print each problem with file, entry, key and fix, and what is still unsigned."""
    from bot.compiling import check_content, unsigned_stations

    loaded = configuration.load(config)
    problems = check_content(loaded)
    for line in unsigned_stations(loaded):
        typer.echo(line)
    for problem in problems:
        typer.echo(str(problem), err=True)
    typer.echo(f"{len(problems)} problems" if problems else "the knowledge is clean")
    raise SystemExit(1 if problems else 0)


@knowledge_app.command("build")
def build_knowledge(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Compile the entries; only what changed is encoded; a running server picks it up."""
    from bot.compiling import compile_content

    typer.echo(compile_content(configuration.load(config), progress=progress_bar()))


@knowledge_app.command("report")
def report_knowledge(
    config: ConfigOption = DEFAULT_CONFIG,
    write: Annotated[
        Path | None,
        typer.Option(help="Write the page here instead; what people wrote below its figures stays."),
    ] = None,
) -> None:
    """Print as Markdown what the entries cover, by topic group, how well they are founded, and who read them."""
    from knowledge.coverage import load_coverage
    from knowledge.coverage_report import render_coverage, with_notes_of

    loaded = configuration.load(config)
    page = render_coverage(load_coverage(loaded.path(loaded.knowledge.content)))
    if write is None:
        typer.echo(page, nl=False)
        return
    old = write.read_text(encoding="utf-8") if write.is_file() else ""
    write.write_text(with_notes_of(page, old), encoding="utf-8")


def progress_bar() -> Callable[[int, int], None]:
    """A bar on the terminal, told (rows done, rows in all)."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("encoding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), transient=True
    )
    task = bar.add_task("encoding", total=None)

    def advance(done: int, total: int) -> None:
        if not bar.live.is_started:
            bar.start()
        bar.update(task, completed=done, total=total)
        if done >= total:
            bar.stop()

    return advance
