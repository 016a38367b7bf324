"""Exports as platforms and tools write them: who, when, what; and what is said when they cannot be read."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.comments.comment import Comment, Export
from triage.comments.parsing import MAX_COMMENTS, parse
from triage.comments.policy import CommentsPolicy
from triage.errors import IntakeError

EVENING = datetime(2026, 3, 12, 22, 14, tzinfo=timezone(timedelta(hours=1)))


def read(text: str, encoding: str = "utf-8") -> Export:
    return parse(text.encode(encoding))


def only(export: Export) -> Comment:
    assert len(export.comments) == 1, export
    return export.comments[0]


class TestTables:
    @pytest.mark.parametrize("separator", [";", ",", "\t"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    @pytest.mark.parametrize(
        "header",
        [
            ("Auteur", "Date", "Commentaire"),
            ("from", "created_time", "message"),
            ("Username", "Timestamp", "Comment Text"),
            ("authorDisplayName", "publishedAt", "textOriginal"),
            ("NOM D'UTILISATEUR", "Publié le", "Contenu"),
        ],
    )
    def test_usual_names(self, separator: str, encoding: str, header: tuple[str, ...]) -> None:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=separator)
        writer.writerows([header, ("Élodie", "12/03/2026 22:14", 'Ça suffit ;\nvraiment, "assez" !')])
        found = only(read(out.getvalue(), encoding))
        assert found == Comment(1, "Élodie", 'Ça suffit ;\nvraiment, "assez" !', EVENING, "")

    def test_addresses_and_other_columns(self) -> None:
        found = only(read("id,likes,text,permalink_url\n7,12,Bonjour,https://exemple.fr/c/7\n"))
        assert (found.text, found.url) == ("Bonjour", "https://exemple.fr/c/7")

    def test_lines_before_the_header(self) -> None:
        export = read("Export du 13/03/2026\n\nRéférence;Auteur;Commentaire\n1;Jean;Bravo\n2;Léa;Merci\n")
        assert [comment.text for comment in export.comments] == ["Bravo", "Merci"]

    def test_no_header(self) -> None:
        export = read(
            'Jean Petit,2026-03-12 22:14,https://exemple.fr/1,"Une augmentation, encore"\n'
            "Léa B,2026-03-13 08:00,https://exemple.fr/2,Bravo pour tout Madame la Maire\n"
        )
        first = export.comments[0]
        assert first == Comment(1, "Jean Petit", "Une augmentation, encore", EVENING, "https://exemple.fr/1")
        assert any("reconnues à leur contenu" in note for note in export.notes)

    def test_one_column(self) -> None:
        export = read("commentaire\nBravo à tous\nQuelle honte\n")
        assert [comment.text for comment in export.comments] == ["Bravo à tous", "Quelle honte"]
        assert any("ne nomme pas les auteurs" in note for note in export.notes)
        assert any("ne donne pas de dates" in note for note in export.notes)

    def test_lines_without_text_are_told(self) -> None:
        export = read("auteur;texte\nJean;Bravo\nLéa;\nPaul;  \nAnne;Oui\n")
        assert [comment.number for comment in export.comments] == [1, 2]
        assert "2 lignes sans texte passées (3, 4)." in export.notes

    def test_quotation_marks_that_do_not_close(self) -> None:
        export = read('auteur;texte\nJean;il "dit" tout\nLéa;"ouvert\nPaul;fin\n')
        assert [comment.text for comment in export.comments][::2] == ['il "dit" tout', "fin"]
        assert any("ligne par ligne" in note for note in export.notes)

    def test_escaped_quotation_marks(self) -> None:
        assert only(read('auteur,texte\nJean,"il dit \\"oui\\", vraiment"\n')).text == 'il dit "oui", vraiment'

    def test_a_huge_cell_does_not_hide_the_columns(self) -> None:
        export = read(f"auteur,texte\nJean,{'a' * 200_000}\nLéa,Oui\n")
        assert [(comment.author, comment.text[:3]) for comment in export.comments] == [("Jean", "aaa"), ("Léa", "Oui")]

    def test_a_very_long_comment_is_cut(self) -> None:
        export = read(f"auteur;texte\nJean;{'long ' * 3000}\n")
        assert len(only(export).text) == 10_000
        assert any("la suite n'a pas été lue" in note for note in export.notes)


class TestJson:
    def test_a_list_of_objects(self) -> None:
        found = only(read(json.dumps([{"user": "jean", "comment": "Bravo", "timestamp": 1773350040}])))
        assert found == Comment(1, "jean", "Bravo", EVENING, "")

    def test_a_post_with_its_comments_and_answers(self) -> None:
        answer = {"from": {"name": "Léa", "id": "2"}, "message": "Non", "created_time": "2026-03-12T21:14:00+0000"}
        comment = {"from": {"name": "Jean", "id": "1"}, "message": "Oui", "comments": {"data": [answer]}}
        export = read(json.dumps({"data": [{"message": "La publication", "comments": {"data": [comment]}}]}))
        assert [(c.author, c.text, c.when) for c in export.comments] == [("Jean", "Oui", None), ("Léa", "Non", EVENING)]
        assert export.notes[0].startswith("1 publication au-dessus")

    def test_youtube(self) -> None:
        def snippet(text: str) -> dict[str, object]:
            shown = {"textDisplay": text, "authorDisplayName": "@jean", "publishedAt": "2026-03-12T21:14:00Z"}
            return {"snippet": shown}

        item = {
            "snippet": {"videoId": "x", "topLevelComment": snippet("l&#39;eau<br>monte")},
            "replies": {"comments": [snippet("Oui")]},
        }
        export = read(json.dumps({"items": [item]}))
        assert [(c.author, c.text, c.when) for c in export.comments] == [
            ("@jean", "l'eau\nmonte", EVENING),
            ("@jean", "Oui", EVENING),
        ]

    def test_instagram_and_its_damaged_accents(self) -> None:
        said = "Très drôle 😂".encode().decode("latin-1")
        fields = {"Comment": {"value": said}, "Media Owner": {"value": "mairie"}, "Time": {"timestamp": 1773350040}}
        data = {"comments_media_comments": [{"media_list_data": [], "string_map_data": fields}]}
        assert only(read(json.dumps(data))) == Comment(1, "mairie", "Très drôle 😂", EVENING, "")

    def test_facebook_and_its_damaged_accents(self) -> None:
        said = "Ça suffit, l’été".encode().decode("latin-1")
        inner = {"timestamp": 1773350040, "comment": said, "author": "Jean"}
        data = {"comments_v2": [{"timestamp": 1773350040, "data": [{"comment": inner}], "title": "Jean a commenté."}]}
        assert only(read(json.dumps(data))) == Comment(1, "Jean", "Ça suffit, l’été", EVENING, "")

    def test_one_object_a_line(self) -> None:
        export = read('{"text": "a", "user": "b"}\n{"text": "c", "user": "d"}\nrien\n')
        assert [comment.text for comment in export.comments] == ["a", "c"]
        assert "1 ligne illisible passée." in export.notes

    def test_an_archive_in_javascript(self) -> None:
        tweet = {"tweet": {"full_text": "Bravo", "created_at": "Thu Mar 12 21:14:00 +0000 2026"}}
        found = only(read(f"window.YTD.tweets.part0 = {json.dumps([tweet])}"))
        assert (found.text, found.when) == ("Bravo", EVENING)

    def test_half_a_character(self) -> None:
        found = only(read('[{"text": "Bravo \\ud83d", "user": "jean"}]'))
        assert found.text.encode() and found.text.startswith("Bravo")


FACEBOOK = """<div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder">
<div class="_2ph_ _a6-h _a6-i">{author} a commenté la publication de Mairie de Saint-Orens.</div>
<div class="_2ph_ _a6-p"><div><div>{text}</div></div></div>
<div class="_3-94 _a6-o"><a href="https://exemple.fr/{author}"><div class="_a72d">{when}</div></a></div></div>"""
INSTAGRAM = """<div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder"><div class="_a6-p"><table>
<tr><td colspan="2" class="_2pin _a6_q">Comment<div><div>{text}</div></div></td></tr>
<tr><td colspan="2" class="_2pin _a6_q">Media Owner<div><div>{author}</div></div></td></tr>
<tr><td class="_2pin _a6_q">Time</td><td class="_2pin _2piu _a6_r">{when}</td></tr></table></div></div>"""
WEBSITE = """<li class="comment even"><span class="comment-author">{author}</span>
<time datetime="2026-03-12T21:14:00Z">hier</time><div class="comment-content"><p>{text}</p></div></li>"""
BARE = """<section class="c"><b>{author}</b> <i>{when}</i><p>{text}</p></section>"""


class TestPages:
    @pytest.mark.parametrize("form", [FACEBOOK, INSTAGRAM, WEBSITE, BARE], ids=["facebook", "instagram", "site", "nu"])
    def test_blocks_that_repeat(self, form: str) -> None:
        blocks = [
            form.format(author="Jean Petit", text="Tu vas voir 😂 hein <b>toi</b> là", when="12 mars 2026 22:14"),
            form.format(author="Zoé", text="Bravo à tous", when="mars 13, 2026 10:15 am"),
        ]
        page = f"<!DOCTYPE html><html><head><title>Export</title></head><body><ul>{''.join(blocks)}</ul></body></html>"
        export = read(page)
        assert [(c.author, c.text) for c in export.comments] == [
            ("Jean Petit", "Tu vas voir 😂 hein toi là"),
            ("Zoé", "Bravo à tous"),
        ]
        assert export.comments[0].when == EVENING
        assert any("forme de la page" in note for note in export.notes)

    def test_a_line_break_stays_one(self) -> None:
        blocks = FACEBOOK.format(author="A", text="un<br>deux", when="12 mars 2026 22:14") * 2
        assert read(f"<div id='page'>{blocks}</div>").comments[0].text == "un\ndeux"

    def test_answers_inside_what_they_answer(self) -> None:
        inner = WEBSITE.format(author="Zoé", text="Non", when="")
        outer = WEBSITE.format(author="Jean", text="Oui", when="").replace("</li>", f"<ul>{inner}</ul></li>")
        export = read(f"<html><body><ol>{outer}</ol></body></html>")
        assert [(c.author, c.text) for c in export.comments] == [("Jean", "Oui"), ("Zoé", "Non")]

    def test_a_table(self) -> None:
        page = (
            "<html><body><table><thead><tr><th>Auteur</th><th>Date</th><th>Commentaire</th></tr></thead>"
            "<tr><td>Jean</td><td>12/03/2026 22:14</td><td>Bravo</td></tr></table></body></html>"
        )
        assert only(read(page)) == Comment(1, "Jean", "Bravo", EVENING, "")

    def test_a_page_too_deep_says_that_it_is_cut(self) -> None:
        page = "<html><body>" + "<ul><li class=c><b>Jean</b><p>Bravo</p>" * 2000
        assert any("n'a pas été lue" in note for note in read(page).notes)

    def test_nothing_of_a_page_is_run_or_fetched(self) -> None:
        page = (
            '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body>'
            "<script>var comment = 1</script>"
            + BARE.format(author="Jean", text="&x; bravo", when="12/03/2026") * 2
            + "</body></html>"
        )
        texts = [comment.text for comment in read(page).comments]
        assert len(texts) == 2
        assert not any("root:" in text or "var comment" in text for text in texts)


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "vide"),
            (b"  \n ", "vide"),
            (b"PK\x03\x04 a workbook", "format CSV"),
            (b"%PDF-1.7", "format CSV"),
            (b"\x00\x01\x02\xff\xfe", "pas un texte"),
            (b'[{"text": "a', "incomplet"),
            (b"[]", "Aucun commentaire"),
            (b'{"likes": 12}', "Aucun commentaire"),
            (b"<html><body><p>Bonjour</p></body></html>", "Aucun commentaire"),
            (b"[" * 100_000, "imbriqu"),
            (b"auteur;texte\nJean;\n", "Aucun commentaire"),
        ],
    )
    def test_each_says_how_to_mend_it(self, content: bytes, said: str) -> None:
        with pytest.raises(IntakeError, match=said):
            parse(content)

    def test_too_many(self) -> None:
        rows = "a;b\n" * (MAX_COMMENTS + 1)
        with pytest.raises(IntakeError, match="50001 commentaires, la limite est de 50000"):
            read("auteur;texte\n" + rows)

    def test_as_many_as_allowed(self) -> None:
        assert len(read("auteur;texte\n" + "a;b\n" * MAX_COMMENTS).comments) == MAX_COMMENTS


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        parse(content)
    except IntakeError as error:
        assert str(error)


_text = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60).filter(str.strip)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["text", "comments", "from", "date", "value", "x"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(_json, st.sampled_from(["%s", "<div class=a>%s</div><div class=a>%s</div>", "text;from\n%s;%s"]))
def test_any_structure_is_read_or_refused(data: object, form: str) -> None:
    text = form.replace("%s", json.dumps(data))
    try:
        export = read(text)
    except IntakeError:
        return
    for comment in export.comments:
        assert comment.text.strip()
        assert comment.text.encode() is not None


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(_text, _text), min_size=1, max_size=8), separator=st.sampled_from(";,\t"))
def test_what_a_tool_writes_is_read_back(rows: list[tuple[str, str]], separator: str, policy: CommentsPolicy) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([("auteur", "commentaire"), *rows])
    export = parse(out.getvalue().encode(), policy)
    assert len(export.comments) == len(rows)
    # Entities and accents that look damaged are mended, on purpose.
    plain = [(a, t) for a, t in rows if (a + t).isascii() and not set("&<") & set(a + t)]
    read_back = {(comment.author, comment.text) for comment in export.comments}
    assert {(author.strip(), text.strip()) for author, text in plain} <= read_back
