"""The addresses of the pages."""

from django.urls import include, path, register_converter
from django.urls.converters import PathConverter

from creditfactory.consoles.views import (
    cards,
    cards_tuning,
    cases,
    firms,
    held,
    history,
    labels,
    line,
    loans,
    neighbourhoods,
    outside_checks,
    overrides,
    papers,
    people,
    pictures,
    portraits,
    rulebook_parts,
    rulebook_tables,
    rulebook_trials,
    rulebooks,
    work,
)


class PlaceConverter(PathConverter):
    """A file's place in a rulebook; what all packs share lies above it, and a browser takes ``..`` for a way up."""

    def to_python(self, value: str) -> str:
        """As the rulebook names it."""
        return "../" + value[2:] if value.startswith("~/") else value

    def to_url(self, value: str) -> str:
        """As an address names it."""
        return "~/" + value[3:] if value.startswith("../") else value


register_converter(PlaceConverter, "place")

urlpatterns = [
    path("", line.show_line, name="line"),
    path("line/now/", line.show_line_now, name="line_now"),
    path("work/", work.show_queue, name="work"),
    path("work/next/", work.take_next, name="work_next"),
    path("work/<int:item_id>/", work.show_item, name="work_item"),
    path("work/<int:item_id>/claim/", work.claim, name="work_claim"),
    path("work/<int:item_id>/release/", work.release, name="work_release"),
    path("work/<int:item_id>/return/", work.send_back, name="work_return"),
    path("bureau/", outside_checks.show_bureau, name="bureau"),
    path("checks/", outside_checks.show_check_quality, name="checks"),
    path("work/<int:item_id>/marks/", work.mark_item, name="work_marks"),
    path("cases/", cases.show_cases, name="cases"),
    path("cases/<str:number>/", cases.show_case, name="cases_one"),
    path("cases/<str:number>/reveal/", cases.reveal, name="cases_reveal"),
    path("cases/<str:number>/withdraw/", cases.withdraw, name="cases_withdraw"),
    path("cases/<str:number>/resume/", cases.resume, name="cases_resume"),
    path("cases/<str:number>/pictures/", pictures.list_pictures, name="cases_pictures"),
    path("cases/<str:number>/pictures/<int:picture_id>/", pictures.show_picture, name="cases_picture"),
    path("cases/<str:number>/papers/", papers.show_papers, name="cases_papers"),
    path("cases/<str:number>/papers/<int:paper_id>/", papers.show_paper, name="cases_paper"),
    path("cases/<str:number>/papers/<int:paper_id>/original/", papers.open_original, name="cases_paper_original"),
    path("cases/<str:number>/papers/<int:paper_id>/<slug:act>/", papers.act_on_paper, name="cases_paper_act"),
    path("cases/<str:number>/portrait/", portraits.show_portrait, name="cases_portrait"),
    path("cases/<str:number>/network/", neighbourhoods.show_network, name="cases_network"),
    path("cases/<str:number>/why/", portraits.show_decision, name="cases_decision"),
    path("cases/<str:number>/what-if/", portraits.show_what_if, name="cases_what_if"),
    path("cases/<str:number>/what-if/smallest/", portraits.list_smallest, name="cases_smallest"),
    path("labels/", labels.show_labels, name="labels"),
    path("labels/labels.csv", labels.export_labels, name="labels_export"),
    path("labels/<str:name>/", labels.show_label, name="labels_one"),
    path("labels/<str:name>/spread/", labels.show_spread, name="labels_spread"),
    path("labels/<str:name>/spread.json", labels.draw_spread, name="labels_spread_chart"),
    path("labels/<str:name>/stability.json", labels.draw_stability, name="labels_stability_chart"),
    path("loans/", loans.show_book, name="loans"),
    path("loans/vintage.json", loans.draw_vintage, name="loans_vintage"),
    path("loans/loans.csv", loans.export_loans, name="loans_export"),
    path("charts.js", loans.chart_script, name="loans_script"),
    path("overrides/", overrides.show_overrides, name="overrides"),
    path("overrides/overrides.csv", overrides.export_overrides, name="overrides_export"),
    path("rulebook/", rulebooks.show_home, name="rulebook"),
    path("rulebook/versions.csv", rulebooks.export_versions, name="rulebook_export"),
    path("rulebook/trials/", rulebook_trials.show_trials, name="rulebook_trials"),
    path("rulebook/back-test/", rulebook_trials.show_backtest, name="rulebook_backtest"),
    path("rulebook/diff/", rulebook_parts.show_diff, name="rulebook_diff"),
    path("rulebook/roll-back/", rulebooks.ask_roll_back, name="rulebook_roll_back"),
    path("rulebook/releases/<int:release_id>/<slug:act>/", rulebooks.act_on_release, name="rulebook_release"),
    path("rulebook/<int:number>/", rulebooks.show_version, name="rulebook_version"),
    path("rulebook/<int:number>/step/<slug:step>/", rulebooks.take_step, name="rulebook_step"),
    path("rulebook/<int:number>/check/", rulebook_parts.show_check, name="rulebook_check"),
    path("rulebook/<int:number>/log/", rulebook_parts.show_log, name="rulebook_log"),
    path("rulebook/<int:number>/flow/", rulebook_trials.show_flow, name="rulebook_flow"),
    path("rulebook/<int:number>/tables/<slug:name>/", rulebook_tables.show_table, name="rulebook_table"),
    path("rulebook/<int:number>/tables/<slug:name>/check/", rulebook_tables.check_cells, name="rulebook_table_check"),
    path("rulebook/<int:number>/tables/<slug:name>/save/", rulebook_tables.save_cells, name="rulebook_table_save"),
    path("rulebook/<int:number>/tables/<slug:name>/out/", rulebook_tables.export_sheet, name="rulebook_table_export"),
    path("rulebook/<int:number>/tables/<slug:name>/in/", rulebook_tables.import_sheet, name="rulebook_table_import"),
    path("rulebook/<int:number>/files/", rulebook_parts.show_files, name="rulebook_files"),
    path("rulebook/<int:number>/files/<place:place>", rulebook_parts.show_file, name="rulebook_file"),
    path("cards/", cards.show_cards, name="cards"),
    path("cards/cards.csv", cards.export_cards, name="cards_export"),
    path("cards/<slug:pack>/<slug:name>/<slug:version>/", cards.show_card, name="cards_one"),
    path("cards/<slug:pack>/<slug:name>/<slug:version>/probe/", cards.probe_card, name="cards_probe"),
    path("cards/<slug:pack>/<slug:name>/<slug:version>/versions/", cards.show_versions, name="cards_versions"),
    path("cards/<slug:pack>/<slug:name>/<slug:version>/watch/", cards.show_watch, name="cards_watch"),
    path("cards/<slug:pack>/<slug:name>/<slug:version>/out/<slug:form>/", cards.take_card, name="cards_take"),
    path(
        "cards/<slug:pack>/<slug:name>/<slug:version>/tune/<str:label>/", cards_tuning.show_tuning, name="cards_tuning"
    ),
    path("firms/", firms.show_firms, name="firms"),
    path("firms/firms.csv", firms.export_firms, name="firms_export"),
    path("firms/<str:code>/", firms.show_firm, name="firms_one"),
    path("firms/<str:code>/<slug:picture>.json", firms.draw_firm, name="firms_picture"),
    path("held/", held.show_held, name="held"),
    path("history/", history.show_runs, name="history"),
    path("history/<int:run_id>/", history.show_run, name="history_one"),
    path("apply/", include("creditfactory.consoles.apply.urls")),
    path("sign-in/", people.SignIn.as_view(), name="login"),
    path("sign-out/", people.SignOut.as_view(), name="logout"),
    path("factory/", people.choose_factory, name="choose_factory"),
    path("theme/", people.choose_theme, name="choose_theme"),
    path("i18n/", include("django.conf.urls.i18n")),
]
