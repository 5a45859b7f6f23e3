"""Templates → the body of a mail. Reads files when it is made, never later.

One source per mail (`templates/AUDIENCE_WHAT.j2`, block markup: see `markup`), one signature per
audience, and two layouts that make the plain text and the HTML alternative of the same blocks. A site's
folder replaces files by name; its templates reach ours as `{% include "builtin/NAME.j2" %}`.

Templates are trusted less than code, and values not at all. Templates run in a sandbox without calls,
multiplication or macros, and see only declared names (`catalogue`). Values cannot become markup.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import (
    BytecodeCache,
    FunctionLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
    nodes,
    pass_context,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailbot.errors import PermanentFailure
from mailbot.model import Role
from mailbot.parsers.reply.quoted import MARKER
from mailbot.templates import courtesy, markup, word_form
from mailbot.templates.catalogue import ANSWER, MAILS, MailKind
from mailbot.templates.files import ANSWERS, LAYOUTS, STYLES, read_form, read_templates
from mailbot.templates.html_blocks import to_html
from mailbot.templates.prose import unwrapped
from mailbot.templates.visible_fields import SINGLE, Shape, ShapeError, example, select

_SIGNATURES: Mapping[Role, str] = {Role.USER: "signature_user.j2", Role.LKPP: "signature_lkpp.j2"}
#: A template with this shows the courtesies of the one whose words it brings: without it his words stay whole.
_SHOWS_THANKS = "part_thanks.j2"
_SIGNATURE_INSIDE = "signature_staff.j2"
_SINK = "_sink"  # where the values of one rendering are collected; no template may name it
_ANY: Any = object()  # an expression whose shape is unknown from here on
_MAX_DEPTH = 8  # includes within includes
_OF_LOOPS = frozenset({"first", "last", "index"})
_COMMENT = re.compile(r"\{#(.*?)#\}", re.DOTALL)
_LONGEST_ANSWER = 5000  # characters: a longer text is a manual, and belongs into a file
_FORBIDDEN: Mapping[type[nodes.Node], str] = {
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
    nodes.AssignBlock: "set without a value",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Extends: "extends",
    nodes.Block: "block",
}


@dataclass(frozen=True, slots=True)
class Body:
    """The two alternatives of one mail; lines end with LF."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Closing:
    """A signature in its three forms."""

    blocks: list[markup.Block]
    text: str
    html: str  # escaped already


class _Environment(ImmutableSandboxedEnvironment):
    """Plain data only: fields of records before methods of Python's, no `'a' * 10**8`."""

    intercepted_binops = frozenset({"*", "**"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict):  # else `x.items` would be the method, not the value
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if isinstance(obj, LoopContext) and attribute in _OF_LOOPS:  # at each turn of each loop
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        raise TemplateError(f"{operator} is not allowed in a template")


class _BodyEnvironment(_Environment):
    def is_safe_callable(self, obj: Any) -> bool:
        return False

    def make_globals(self, d: Any) -> dict[str, Any]:
        """None: they are functions, and no template may call one. Each included template would be given them anew."""
        return {}


@pass_context  # also keeps jinja2 from folding constants at compile time
def _opaque(context: Context, value: Any) -> str:
    """`finalize`: put the value aside and leave its token in the template's output."""
    if isinstance(value, Undefined):
        return str(value)  # raises UndefinedError, with the name
    if value is None:
        value = markup.EMPTY
    if not isinstance(value, SINGLE):
        raise TemplateError(f"only single values can be shown, found a {type(value).__name__}")
    sink: list[str] = context[_SINK]
    sink.append(str(value))
    return markup.token(len(sink) - 1)


class _Compiled(BytecodeCache):
    """Compiled templates, for the next mailbox with the same templates and for a reload: compiling takes ten times as
    long as rendering. In memory only. Found by the template's name, valid for the same text."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._known.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._known[bucket.key] = (bucket.checksum, bucket.code)


# One for each environment: the code depends on its options.
_COMPILED_BODIES, _COMPILED_LAYOUTS = _Compiled(), _Compiled()


class Renderer:
    """All templates of one site. Immutable after `__init__`; safe to share between threads.

    override: a folder whose `*.j2` files replace ours by name, or None.
    Unreadable files do not raise here: `check` tells all faults at once.
    """

    def __init__(self, override: Path | None = None) -> None:
        self._files = read_templates(override)
        self._form = read_form(override)
        loader = FunctionLoader(self._source)
        self._body = _BodyEnvironment(
            loader=loader,
            undefined=StrictUndefined,
            finalize=_opaque,
            keep_trailing_newline=True,
            auto_reload=False,
            bytecode_cache=_COMPILED_BODIES,
        )
        self._layout = _Environment(
            loader=loader,
            undefined=StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(".html.j2"),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=_COMPILED_LAYOUTS,
        )
        self._layout.filters["spaces"] = markup.kept_spaces
        self._closing = lru_cache(maxsize=64)(self._closing_of)  # that of most mails is the same
        #: The canned answers, code → title, in the order of the alphabet.
        self.answers = dict(_answers(self._files.sources))

    def body(
        self, name: str, values: Mapping[str, Any], *, notice: str | None = None, since: str | None = None
    ) -> Body:
        """The body of mail `name`. `values` must have every declared name; other names are left aside. notice: a
        warning of ours below the heading. since: below that, what its reader has done since the last mail.

        Raises PermanentFailure when a value is missing or of another shape than declared, or when the
        template is at fault.
        """
        kind = MAILS[name]
        if missing := [variable for variable in kind.variables if variable not in values]:
            raise PermanentFailure(name, f"values missing: {', '.join(missing)}")
        try:
            shown = {key: select(shape, values[key], key) for key, shape in kind.shapes.items() if key in values}
        except ShapeError as error:
            raise PermanentFailure(name, str(error)) from error
        if kind.outside:
            shown = courtesy.apart(kind, shown, shows=_SHOWS_THANKS in self._files.sources[f"{name}.j2"])
            shown["courtesy"] = select(kind.shapes["courtesy"], shown["courtesy"], "courtesy")
        organisation = shown["organisation"] or {}
        try:
            blocks = self._blocks(f"{name}.j2", shown)
            if not blocks or blocks[0].kind != "heading":
                blocks.insert(0, markup.Block(kind="heading", lines=((markup.Run(kind.kind),),)))
            if notice:
                blocks.insert(1, markup.Block(kind="warning", lines=((markup.Run(notice),),)))
            preview = markup.preview(blocks, in_subject=not kind.outside)
            if since:
                blocks.insert(2 if notice else 1, markup.Block(kind="paragraph", lines=((markup.Run(since),),)))
            signs = {"organisation": organisation, "actor": shown.get("actor"), "courtesy": shown.get("courtesy")}
            closing = self._closing(_signature_of(kind), json.dumps(signs))
            marker = _marker(kind, shown)
            text = self._layout.get_template("layout.txt.j2").render(
                marker=marker, body=markup.to_text(blocks), signature=closing.text
            )
            html = self._layout.get_template("layout.html.j2").render(
                marker=marker,
                body=to_html(blocks),
                closing=closing.html,
                styles=self._styles,
                blocks=blocks,
                signature=closing.blocks,
                title=kind.kind,
                preview=preview,
                organisation=organisation.get("name") or "",
            )
        except Exception as error:  # a site's template may fail in any way: 1/0, 'a' < 1, wrong filters
            raise PermanentFailure(name, self._described(error, f"{name}.j2")) from error
        return Body(text.strip("\n") + "\n", html)

    def answer(self, code: str, values: Mapping[str, Any]) -> str:
        """The text of the canned answer `code` (one of `answers`), for the user who is described by `values` (shapes:
        `catalogue.ANSWER`). Raises PermanentFailure when the template is at fault."""
        name = f"{ANSWERS}{code}.j2"
        try:
            shown = {key: select(shape, values[key], key) for key, shape in ANSWER.items()}
            sink: list[str] = []
            source = self._body.get_template(name).render({**shown, _SINK: sink})
            return markup.filled(unwrapped(source), sink)
        except Exception as error:
            raise PermanentFailure(name, self._described(error, name)) from error

    def form(self, values: Mapping[str, str]) -> bytes:
        """The Formulir Konsultasi as a .docx file (fields: `word_form.FIELDS`). Raises PermanentFailure when the
        template is at fault."""
        if self._form.raw is None:
            raise PermanentFailure(word_form.NAME, self._form.fault)
        return word_form.filled(self._form.raw, values)

    def check(self) -> list[str]:
        """Every fault of every template, as lines "file:line: what"; empty when all is well."""
        faults = [*self._files.faults, *([self._form.fault] if self._form.fault else [])]
        if self._form.own and self._form.raw is not None:  # ours is filled in by the tests
            faults += word_form.faults(self._form.path, self._form.raw)
        for kind in MAILS.values():
            shapes = kind.shapes
            faults += self._lint(f"{kind.name}.j2", shapes)
            if "actor" in shapes:
                signs = {name: shapes[name] for name in ("organisation", "actor", "courtesy") if name in shapes}
                faults += self._lint(_signature_of(kind), signs)
        for code in self.answers:
            faults += self._lint(f"{ANSWERS}{code}.j2", ANSWER)
        for layout in LAYOUTS:
            try:
                self._layout.get_template(layout)
            except TemplateError as error:
                faults.append(self._described(error, layout))
        if not faults:
            faults = [fault for kind in MAILS.values() for fault in self._rehearse(kind)]
            faults += [fault for code in self.answers for fault in self._rehearse_answer(code)]
        return list(dict.fromkeys(faults))

    @cached_property
    def _styles(self) -> str:
        """What stands in the head of each page. Raises what a site's template may."""
        return self._layout.get_template(STYLES).render()

    def _source(self, name: str) -> tuple[str, str, None] | None:
        """For jinja2: a template's text, and its name in the place of a file's, for its tracebacks."""
        source = self._files.sources.get(name)
        return None if source is None else (source, name, None)

    def _blocks(self, template: str, values: Mapping[str, Any]) -> list[markup.Block]:
        sink: list[str] = []
        source = self._body.get_template(template).render({**values, _SINK: sink})
        return markup.parse(source, sink)

    def _closing_of(self, template: str, values: str) -> _Closing:
        """values: as JSON, by which they are known again."""
        blocks = self._blocks(template, json.loads(values))
        return _Closing(blocks, markup.to_text(blocks), to_html(blocks))

    def _lint(self, template: str, shapes: Mapping[str, Shape]) -> list[str]:
        linter = _Linter(self._body, self._files.sources)
        found = linter.template(template, dict(shapes), 0)
        return [f"{self._files.where(name, line)}: {what}" for name, line, what in found]

    def _rehearse(self, kind: MailKind) -> list[str]:
        """Faults that only a rendering shows: once with every value known, once with none."""
        faults = []
        for full in (True, False):
            try:
                self.body(kind.name, {name: example(shape, name, full) for name, shape in kind.shapes.items()})
            except PermanentFailure as failure:
                faults.append(failure.reason)
        return faults

    def _rehearse_answer(self, code: str) -> list[str]:
        where, faults = self._files.where(f"{ANSWERS}{code}.j2", 1), []
        for full in (True, False):
            try:
                text = self.answer(code, {name: example(shape, name, full) for name, shape in ANSWER.items()})
            except PermanentFailure as failure:
                faults.append(failure.reason)
                continue
            if not any(map(str.isalnum, text)):
                faults.append(
                    f"{where}: the answer is empty {'' if full else 'where nothing is known of the user'}".rstrip()
                )
            if len(text) > _LONGEST_ANSWER:
                faults.append(f"{where}: longer than {_LONGEST_ANSWER} characters")
        return faults

    def _described(self, error: Exception, template: str) -> str:
        if isinstance(error, TemplateSyntaxError):
            return f"{self._files.where(error.name or template, error.lineno)}: {error.message}"
        name, line, trace = template, 1, error.__traceback__
        while trace is not None:  # jinja2 rewrites its frames to the template's own lines
            if trace.tb_frame.f_code.co_filename in self._files.sources:
                name, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
            trace = trace.tb_next
        return f"{self._files.where(name, line)}: {error}"


def _answers(sources: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(code, title) of each canned answer that holds anything; the title is the comment with which its file begins."""
    for name in sorted(name for name in sources if name.startswith(ANSWERS)):
        code = name.removeprefix(ANSWERS).removesuffix(".j2")
        if _COMMENT.sub("", sources[name]).strip():
            title = _COMMENT.match(sources[name].lstrip())
            yield code, " ".join(title[1].split()) if title else code


def _signature_of(kind: MailKind) -> str:
    return _SIGNATURES.get(kind.audience, _SIGNATURE_INSIDE)


def _marker(kind: MailKind, shown: Mapping[str, Any]) -> str | None:
    """The marker line, unless the mail holds a form for its reader: that is filled in below it. Staff are only told of
    the user's."""
    return MARKER if kind.marker and not (kind.outside and shown.get("form_missing")) else None


Found = tuple[str, int, str]  # template, line, what


class _Linter:
    """Walks jinja2's syntax tree for names that nobody declared and tags that nobody may use."""

    def __init__(self, environment: _Environment, sources: Mapping[str, str]) -> None:
        self._environment = environment
        self._sources = sources

    def template(self, name: str, scope: dict[str, Any], depth: int) -> Iterator[Found]:
        if name not in self._sources:
            yield name, 1, "template is missing"
            return
        try:
            tree = self._environment.parse(self._sources[name], name)
        except TemplateSyntaxError as error:
            yield name, error.lineno, str(error.message)
            return
        yield from self._children(tree, scope, name, depth)

    def _children(self, node: nodes.Node, scope: dict[str, Any], name: str, depth: int) -> Iterator[Found]:
        for child in node.iter_child_nodes():
            yield from self._node(child, scope, name, depth)

    def _node(self, node: nodes.Node, scope: dict[str, Any], name: str, depth: int) -> Iterator[Found]:
        match node:
            case nodes.Call():
                yield name, node.lineno, "calls are not allowed in a template"
            case nodes.For():
                yield from self._for(node, scope, name, depth)
            case nodes.Include():
                yield from self._include(node, scope, name, depth)
            case nodes.Assign(target=nodes.Name() as target):
                yield from self._node(node.node, scope, name, depth)
                scope[target.name] = _shape_of(node.node, scope)
            case nodes.Name():
                if node.ctx == "load" and node.name not in scope:
                    yield name, node.lineno, _unknown("variable", node.name, scope)
            case nodes.Getattr():
                shape = _shape_of(node.node, scope)
                if isinstance(shape, Mapping) and node.attr not in shape:
                    yield name, node.lineno, _unknown("field", node.attr, shape)
                elif shape is None or isinstance(shape, list):
                    yield name, node.lineno, f"no field {node.attr!r}: this is not a record"
                yield from self._children(node, scope, name, depth)
            case _ if type(node) in _FORBIDDEN:
                yield name, node.lineno, f"{{% {_FORBIDDEN[type(node)]} %}} is not allowed here"
            case _:
                yield from self._children(node, scope, name, depth)

    def _for(self, node: nodes.For, scope: dict[str, Any], name: str, depth: int) -> Iterator[Found]:
        yield from self._node(node.iter, scope, name, depth)
        shape = _shape_of(node.iter, scope)
        if shape is None or isinstance(shape, Mapping):
            yield name, node.lineno, "for needs a list"
        inner = {**scope, "loop": _ANY}
        if isinstance(node.target, nodes.Name):
            inner[node.target.name] = shape[0] if isinstance(shape, list) else _ANY
        else:
            inner.update((target.name, _ANY) for target in node.target.find_all(nodes.Name))
        for child in (*([node.test] if node.test else []), *node.body):
            yield from self._node(child, inner, name, depth)
        for child in node.else_:
            yield from self._node(child, scope, name, depth)

    def _include(self, node: nodes.Include, scope: dict[str, Any], name: str, depth: int) -> Iterator[Found]:
        wanted = node.template.value if isinstance(node.template, nodes.Const) else None
        if not isinstance(wanted, str):
            yield name, node.lineno, "include needs one name in quotes"
        elif wanted not in self._sources:
            yield name, node.lineno, _unknown("template", wanted, self._sources)
        elif depth >= _MAX_DEPTH:
            yield name, node.lineno, "templates include one another without end"
        else:
            yield from self.template(wanted, dict(scope), depth + 1)


def _shape_of(node: nodes.Node, scope: Mapping[str, Any]) -> Any:
    if isinstance(node, nodes.Name):
        return scope.get(node.name, _ANY)
    if isinstance(node, nodes.Getattr):
        shape = _shape_of(node.node, scope)
        return shape.get(node.attr, _ANY) if isinstance(shape, Mapping) else _ANY
    return _ANY


def _unknown(what: str, found: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(found, list(known), 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"
    return f"unknown {what} {found!r}; {hint}"
