"""Web pages as portals and journals of three decades serve them, with everything around a text."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from benchmarks.mixed_archive import dates, plain_text
from benchmarks.mixed_archive.made import Made, authors, recorded
from benchmarks.mixed_archive.stories import Story

_MENU = ("Trang chủ", "Giới thiệu", "Tin tức - Sự kiện", "Văn bản", "Tạp chí", "Hỏi đáp", "Liên hệ")
#: Stands where a page names its encoding, and is replaced by that.
CHARSET = "{{charset}}"


def joomla15(story: Story, chance: random.Random) -> Made:
    """Joomla 1.5: tables within tables, the date and the author in cells of their own."""
    left = f"<h3>Danh mục</h3>{_menu('menu')}"
    author = ""
    says = _posted(story)
    if chance.random() < 0.7:
        author = (
            '<tr><td><span class="small">Viết bởi '
            f"{escape(story.people[0].name)}</span>&nbsp;&nbsp;</td></tr>"
        )
        says["authors"] = story.people[0].name
    text = f"""<div class="componentheading">{escape(story.section)}</div>
<table class="contentpaneopen"><tr><td class="contentheading" width="100%">{escape(story.title)}
</td><td class="buttonheading"><a href="#" title="PDF"><img src="pdf.png" alt="PDF" /></a></td></tr>
</table><table class="contentpaneopen">{author}
<tr><td valign="top" class="createdate">{dates.stamp(story.posted, chance)}</td></tr>
<tr><td valign="top">{_paragraphs(story)}</td></tr></table>
<span class="article_seperator">&nbsp;</span>
<table class="pagenav"><tr><th><a href="#">&lt; Trước</a></th><th><a href="#">Tiếp theo &gt;</a>
</th></tr></table>"""
    right = f"<h3>Tin mới nhất</h3>{_others(story, 'latestnews')}"
    body = f"""<center><table width="980"><tr><td colspan="3"><img src="banner.jpg" alt="" /></td>
</tr><tr><td class="leftcol">{left}</td><td class="maincol">{text}</td><td class="rightcol">
{right}</td></tr><tr><td colspan="3" class="copyright">{_footer(story, chance)}</td></tr></table>
</center>"""
    return _page(story, story.title, body, says)


def joomla3(story: Story, chance: random.Random) -> Made:
    """Joomla 3: the details in a list, breadcrumbs, a pager."""
    trail = "".join(
        f'<li><a href="#" class="pathway"><span>{escape(each)}</span></a></li>'
        for each in ("Trang chủ", story.section)
    )
    says = _posted(story) | {"section": story.section, "authors": story.people[0].name}
    body = f"""<header class="header"><a class="brand" href="/">{escape(story.journal.agency)}</a>
<nav class="navigation">{_menu("nav menu")}</nav></header>
<div class="row-fluid"><main id="content" class="span9"><ul class="breadcrumb">{trail}
<li class="active"><span>{escape(story.title)}</span></li></ul>
<div class="item-page" itemscope itemtype="https://schema.org/Article">
<div class="page-header"><h2 itemprop="headline">{escape(story.title)}</h2></div>
<dl class="article-info muted"><dt class="article-info-term">Chi tiết</dt>
<dd class="createdby">Được viết bởi:
<span itemprop="name">{escape(story.people[0].name)}</span></dd>
<dd class="category-name">Chuyên mục: <a href="#">{escape(story.section)}</a></dd>
<dd class="published"><time datetime="{story.posted.isoformat()}+07:00" itemprop="datePublished">
Được đăng: {story.posted:%d %m %Y}</time></dd>
<dd class="hits">Lượt xem: 1{chance.randrange(999)}</dd>
</dl><div itemprop="articleBody">{_paragraphs(story)}</div>
<ul class="pager pagenav"><li class="previous"><a href="#">Trước</a></li></ul></div></main>
<div id="aside" class="span3"><div class="well"><h3>Bài đọc nhiều</h3>{_others(story)}</div></div>
</div><footer class="footer"><p>{_footer(story, chance)}</p></footer>"""
    return _page(story, f"{story.title} - {story.journal.agency}", body, says)


def ojs(story: Story, chance: random.Random) -> Made:
    """OJS 3: an article's page with ``citation_*``, and the abstract; the text is elsewhere."""
    return _ojs(story, chance, story.paragraphs[:1])


def ojs_full(story: Story, chance: random.Random) -> Made:
    """A journal of OJS that shows the whole text below the abstract."""
    return _ojs(story, chance, story.paragraphs)


def _ojs(story: Story, chance: random.Random, paragraphs: tuple[str, ...]) -> Made:
    url = f"https://{story.journal.host}/index.php/tckh/article/view/{story.number}"
    journal = story.journal
    meta = {
        "citation_journal_title": journal.name,
        "citation_issn": journal.issn,
        "citation_title": story.title,
        "citation_language": "vi",
        "citation_date": f"{story.published:%Y/%m/%d}",
        "citation_volume": story.volume,
        "citation_issue": story.issue,
        "citation_firstpage": str(story.first_page),
        "citation_lastpage": str(story.last_page),
        "citation_doi": story.doi,
        "citation_abstract_html_url": url,
    }
    head = _meta(meta) + "".join(
        f'<meta name="citation_author" content="{escape(each.name)}"/>' for each in story.people
    )
    people = "".join(
        f'<li><span class="name">{escape(each.name)}</span>'
        f'<span class="affiliation">{escape(each.place)}</span></li>'
        for each in story.people
    )
    words = escape(", ".join(story.keywords))
    full = "".join(f"<p>{escape(each)}</p>" for each in paragraphs[1:])
    body = f"""<div class="pkp_structure_page"><header class="pkp_structure_head" role="banner">
<h1 class="pkp_site_name"><a href="/">{escape(journal.name)}</a></h1>
<nav class="pkp_navigation_primary_row">{_menu("pkp_navigation_primary")}</nav></header>
<div class="pkp_structure_content"><main class="pkp_structure_main"><div class="page page_article">
<nav class="cmp_breadcrumbs"><ol><li><a href="/">Trang chủ</a></li>
<li><a href="#">T. {story.volume} S. {story.issue} ({story.published.year})</a></li>
<li class="current"><span>{escape(story.section)}</span></li></ol></nav>
<article class="obj_article_details"><h1 class="page_title">{escape(story.title)}</h1>
<div class="row"><div class="main_entry"><section class="item authors">
<h2 class="pkp_screen_reader">
Các tác giả</h2><ul class="authors">{people}</ul></section>
<section class="item doi"><h2 class="label">DOI:</h2><span class="value">
<a href="https://doi.org/{story.doi}">https://doi.org/{story.doi}</a></span></section>
<section class="item keywords"><h2 class="label">Từ khóa:</h2><span class="value">{words}</span>
</section><section class="item abstract"><h2 class="label">Tóm tắt</h2>
<p>{escape(paragraphs[0])}</p></section>{full}</div>
<div class="entry_details"><div class="item galleys">
<a class="obj_galley_link pdf" href="#">PDF</a>
</div><div class="item published"><section class="sub_item"><h2 class="label">Đã Xuất bản</h2>
<div class="value"><span>{story.published:%d-%m-%Y}</span></div></section></div></div></div>
</article>
</div></main><div class="pkp_structure_sidebar"><div class="pkp_block">
<span class="title">Số hiện tại</span></div></div></div>
<div class="pkp_structure_footer_wrapper"><div class="pkp_footer_content">
<p>{_footer(story, chance)}</p></div></div></div>"""
    made = _page(story, f"{story.title} | {journal.name}", body, recorded(story), head)
    return Made(made.content, made.says, paragraphs, url)


def wordpress(story: Story, chance: random.Random) -> Made:
    """WordPress with JSON-LD, related posts and comments."""
    url = f"https://{story.journal.host}/{story.posted.year}/bai-{story.number}/"
    graph: list[dict[str, Any]] = [
        {
            "@type": "Article",
            "@id": f"{url}#article",
            "headline": story.title,
            "datePublished": f"{story.posted.isoformat()}+07:00",
            "author": {"@id": f"https://{story.journal.host}/#/schema/person/1"},
            "articleSection": [story.section],
            "mainEntityOfPage": {"@id": url},
        },
        {"@type": "WebPage", "@id": url, "name": f"{story.title} - {story.journal.name}"},
        {
            "@type": "Person",
            "@id": f"https://{story.journal.host}/#/schema/person/1",
            "name": story.people[0].name,
        },
    ]
    data = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    head = f'<script type="application/ld+json" class="yoast-schema-graph">{data}</script>'
    head += f'<link rel="canonical" href="{url}" />'
    month = f"{story.posted.day} Tháng {story.posted.month}, {story.posted.year}"
    body = f"""<div id="page" class="site"><header id="masthead" class="site-header">
<p class="site-title"><a href="/">{escape(story.journal.name)}</a></p>
<nav id="site-navigation" class="main-navigation">{_menu("menu")}</nav></header>
<div id="content" class="site-content"><div id="primary" class="content-area"><main>
<article class="post type-post hentry"><header class="entry-header">
<h1 class="entry-title">{escape(story.title)}</h1><div class="entry-meta">
<span class="posted-on">Đăng ngày <time class="entry-date">{month}</time></span>
<span class="byline"> bởi <span class="author vcard">{escape(story.people[0].name)}</span></span>
</div></header><div class="entry-content">{_paragraphs(story)}
<div class="sharedaddy"><h3 class="sd-title">Chia sẻ:</h3><ul><li><a href="#">Facebook</a></li></ul>
</div></div><footer class="entry-footer"><span class="cat-links">Danh mục:
<a href="#" rel="category tag">{escape(story.section)}</a></span></footer></article>
<div class="related-posts"><h3>Bài viết liên quan</h3>{_others(story)}</div>
<div id="comments"><h2 class="comments-title">2 bình luận</h2><ol class="comment-list">
<li class="comment"><p>Bài viết rất hay, cảm ơn tác giả đã chia sẻ những thông tin này.</p></li>
</ol></div></main></div><aside id="secondary" class="widget-area"><section class="widget">
<h2 class="widget-title">Bài viết mới</h2>{_others(story)}</section></aside></div>
<footer id="colophon" class="site-footer">{_footer(story, chance)}</footer></div>"""
    says = _posted(story) | {"section": story.section, "authors": story.people[0].name}
    made = _page(story, f"{story.title} - {story.journal.name}", body, says, head)
    return Made(made.content, says, story.paragraphs, url)


def newspaper(story: Story, chance: random.Random) -> Made:
    """A newspaper's site: Open Graph, a lead in bold, the author at the right below the text."""
    url = f"https://{story.journal.host}/tin-tuc/bai-viet-{story.number}.htm"
    head = "".join(
        f'<meta property="{name}" content="{escape(value)}" />'
        for name, value in {
            "og:title": story.title,
            "og:type": "article",
            "og:site_name": story.journal.name,
            "og:url": url,
            "article:published_time": f"{story.posted.isoformat()}+07:00",
            "article:section": story.section,
        }.items()
    )
    lead, *paragraphs = story.paragraphs
    if paragraphs and chance.random() < 0.5:
        middle = len(paragraphs) // 2
        paragraphs.insert(middle, "")
    text = "".join(f"<p>{escape(each)}</p>" if each else _box(story) for each in paragraphs)
    body = f"""<div class="header"><div class="wrapper"><a class="logo" href="/">
{escape(story.journal.name)}</a></div></div><div class="menu-nav">{_menu("menu-top")}</div>
<div class="container"><div class="content-detail"><div class="bread-crumb"><a href="#">
{escape(story.section)}</a></div><div class="detail-top">
<h1 class="article-title" data-role="title">{escape(story.title)}</h1>
<div class="pdate" data-role="publishdate">{dates.stamp(story.posted, chance)}</div></div>
<h2 class="sapo" data-role="sapo">{escape(lead)}</h2>
<div class="detail-content afcbc-body">{text}
<p style="text-align: right;"><strong>{escape(story.people[0].name)}</strong></p></div>
<div class="tags"><span>Từ khóa:</span> <a href="#">{escape(story.keywords[0])}</a>
<a href="#">{escape(story.keywords[1])}</a></div></div>
<div class="box-category"><div class="title">Cùng chuyên mục</div>{_others(story)}</div></div>
<div class="footer">{_footer(story, chance)}</div>"""
    says = _posted(story) | {"section": story.section, "authors": story.people[0].name}
    made = _page(story, f"{story.title} | {story.journal.name}", body, says, head)
    return Made(made.content, says, story.paragraphs, url)


def dublin_core(story: Story, chance: random.Random) -> Made:
    """A digital library, or an older journal, that says what it has in Dublin Core."""
    meta = {
        "DC.Title": story.title,
        "DC.Date.issued": f"{story.published:%Y-%m-%d}",
        "DC.Source": story.journal.name,
        "DC.Source.Volume": story.volume,
        "DC.Source.Issue": story.issue,
        "DC.Source.ISSN": story.journal.issn,
        "DC.Identifier.DOI": story.doi,
        "DC.Identifier.pageNumber": f"{story.first_page}-{story.last_page}",
        "DC.Type.articleType": story.section,
        "DC.Language": "vi",
    }
    head = _meta(meta) + "".join(
        f'<meta name="DC.Creator.PersonalName" content="{escape(each.name)}"/>'
        for each in story.people
    )
    names = escape(", ".join(each.name for each in story.people))
    body = f"""<div id="container"><div id="header"><h1>{escape(story.journal.name)}</h1></div>
<div id="body"><div id="navbar">{_menu("menu")}</div><div id="breadcrumb"><a href="/">Trang chủ</a>
&gt; <a href="#">Tập {story.volume}, Số {story.issue} ({story.published.year})</a>
&gt; <a class="current" href="#">{escape(story.people[0].name)}</a></div>
<div id="content"><div id="articleTitle"><h3>{escape(story.title)}</h3></div>
<div id="authorString"><em>{names}</em></div><br /><div id="articleAbstract"><h4>Toàn văn</h4><br />
<div>{_paragraphs(story)}</div><br /></div></div></div>
<div id="pageFooter">{_footer(story, chance)}</div></div>"""
    says = recorded(story) | {"section": story.section}
    return _page(story, story.title, body, says, head)


def frontpage(story: Story, chance: random.Random) -> Made:
    """A page of the 1990s: no structure, the title in bold letters, lines parted by ``<br>``."""
    title = story.title.upper() if chance.random() < 0.4 else story.title
    names = " - ".join(escape(each.name) for each in story.people[:1])
    text = "<br>\n<br>\n".join(escape(each) for each in story.paragraphs)
    body = f"""<p align="center"><img src="logo.gif" width="80"></p><p align="center">
<font size="5" color="#0000FF"><b>{escape(title)}</b></font></p>
<p align="justify"><font size="3">{text}</font></p>
<p align="right"><b>{names}</b></p><p align="center"><font size="2">
<a href="index.htm">Trang chủ</a>
| <a href="mucluc.htm">Mục lục</a> | <a href="#top">Đầu trang</a></font></p>"""
    says = {"title": story.title, "authors": story.people[0].name}
    head_title = chance.choice(("New Page 1", story.journal.name, story.title))
    return _page(story, head_title, body, says)


def bare(story: Story, _: random.Random) -> Made:
    """Nothing but a heading and paragraphs, as a galley or an export of Word has it."""
    names = escape(", ".join(f"{each.title} {each.name}".strip() for each in story.people))
    paragraphs = list(story.paragraphs)
    text = "".join(f'<p class="MsoNormal">{escape(each)}</p>' for each in paragraphs)
    body = f"""<h1>{escape(story.title)}</h1><p class="author"><b>{names}</b></p>{text}"""
    return _page(story, story.title, body, {"title": story.title, "authors": authors(story)})


def aspnet(story: Story, chance: random.Random) -> Made:
    """A government's portal in ASP.NET: labels with generated ids, and the news before it."""
    posted = dates.stamp(story.posted, chance)
    text = "<BR><BR>".join(escape(each) for each in story.paragraphs)
    others = "<BR>".join(
        f'- <A href="ChiTiet.aspx?id={n}">{escape(each)}</A> ({story.posted:%d/%m/%Y})'
        for n, each in enumerate(story.other_titles)
    )
    cells = "".join(f'<TD><A href="Default.aspx?m={n}">{each}</A></TD>' for n, each in _numbered())
    body = f"""<form name="Form1" method="post" action="ChiTiet.aspx" id="Form1">
<input type="hidden" name="__VIEWSTATE" value="dDwtMTA5NjQxNzA1Nzs7Pg==" />
<TABLE width="780" align="center"><TR><TD colSpan="2"><TABLE><TR>{cells}</TR></TABLE></TD></TR><TR>
<TD vAlign="top" width="150">{_others(story)}</TD><TD vAlign="top"><TABLE width="100%">
<TR><TD><span id="ctl00_lblTieuDe" class="TieuDe">{escape(story.title)}</span></TD></TR>
<TR><TD><span id="ctl00_lblNgay" class="NgayDang">{posted}</span></TD></TR>
<TR><TD class="NoiDung"><span id="ctl00_lblNoiDung">{text}</span></TD></TR>
<TR><TD align="right"><span id="ctl00_lblTacGia"><i>Tác giả: {escape(story.people[0].name)}</i>
</span></TD></TR><TR><TD><b>Các tin đã đưa:</b><BR>{others}</TD></TR></TABLE></TD></TR>
<TR><TD colSpan="2" align="center">{_footer(story, chance)}</TD></TR></TABLE></form>"""
    says = _posted(story) | {"authors": story.people[0].name}
    return _page(story, f"Chi tiết tin - {story.journal.agency}", body, says)


def government(story: Story, chance: random.Random) -> Made:
    """A province's portal of portlets: a heading line with section and issue above the text."""
    citation = (
        f"Đăng trên {story.journal.name} số {story.issue} ra tháng {story.published.month} "
        f"năm {story.published.year}"
    )
    body = f"""<div class="banner"><h2>{escape(story.journal.agency.upper())}</h2></div>
<div class="portlet-menu">{_menu("sf-menu")}</div><div class="columns-2"><div class="column-left">
<div class="portlet-content"><h3>Danh mục</h3>{_menu("side")}</div></div>
<div class="column-right"><div class="portlet-content journal-content-article">
<div class="tieude_chitiet"><b>{escape(story.title)}</b></div>
<div class="ngay">{escape(plain_text.heading(story))}</div>{_paragraphs(story)}
<p style="text-align:right"><em>{escape(plain_text.byline(story, chance))}</em></p>
<p>{escape(citation)}</p></div><div class="portlet-content"><b>Tin khác</b>{_others(story)}</div>
</div></div><div class="chan-trang">{_footer(story, chance)}</div>"""
    says = {
        "title": story.title,
        "section": story.section,
        "issue": story.issue,
        "authors": authors(story),
        "journal": story.journal.name,
        "year": str(story.published.year),
    }
    return _page(story, story.journal.agency, body, says)


#: Layouts of the time before Unicode, and all.
OLD: tuple[Callable[[Story, random.Random], Made], ...] = (joomla15, frontpage, bare, aspnet)
LAYOUTS = (*OLD, joomla3, ojs, ojs_full, wordpress, newspaper, dublin_core, government)


def _posted(story: Story) -> dict[str, str]:
    return {"title": story.title, "year": str(story.posted.year)}


def _page(story: Story, title: str, body: str, says: dict[str, str], head: str = "") -> Made:
    page = f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset={CHARSET}">
<title>{escape(title)}</title>{head}</head>
<body>{body}</body></html>"""
    return Made(page, says, story.paragraphs)


def _meta(values: dict[str, str]) -> str:
    return "\n".join(
        f'<meta name="{name}" content="{escape(value)}"/>' for name, value in values.items()
    )


def _paragraphs(story: Story) -> str:
    return "\n".join(f"<p>{escape(each)}</p>" for each in story.paragraphs)


def _numbered() -> list[tuple[int, str]]:
    return list(enumerate(_MENU))


def _menu(name: str) -> str:
    return _list(name, _MENU)


def _others(story: Story, name: str = "list-news") -> str:
    return _list(name, story.other_titles)


def _box(story: Story) -> str:
    """A link to another article in the midst of a text."""
    return f'<div class="box-related"><a href="#">{escape(story.other_titles[0])}</a></div>'


def _list(name: str, lines: Sequence[str]) -> str:
    entries = "".join(
        f'<li><a href="/tin/{n}.html">{escape(each)}</a></li>' for n, each in enumerate(lines)
    )
    return f'<ul class="{name}">{entries}</ul>'


def _footer(story: Story, chance: random.Random) -> str:
    return "<br />".join(map(escape, plain_text.footer(story, chance)))
