"""The addresses of the pages."""

from django.urls import include, path

from creditfactory.consoles.views import cases, held, history, labels, line, loans, overrides, people, portraits, work

urlpatterns = [
    path("", line.show_line, name="line"),
    path("line/now/", line.show_line_now, name="line_now"),
    path("work/", work.show_queue, name="work"),
    path("work/next/", work.take_next, name="work_next"),
    path("work/<int:item_id>/", work.show_item, name="work_item"),
    path("work/<int:item_id>/claim/", work.claim, name="work_claim"),
    path("work/<int:item_id>/release/", work.release, name="work_release"),
    path("work/<int:item_id>/return/", work.send_back, name="work_return"),
    path("cases/", cases.show_cases, name="cases"),
    path("cases/<str:number>/", cases.show_case, name="cases_one"),
    path("cases/<str:number>/reveal/", cases.reveal, name="cases_reveal"),
    path("cases/<str:number>/withdraw/", cases.withdraw, name="cases_withdraw"),
    path("cases/<str:number>/resume/", cases.resume, name="cases_resume"),
    path("cases/<str:number>/portrait/", portraits.show_portrait, name="cases_portrait"),
    path("cases/<str:number>/why/", portraits.show_decision, name="cases_decision"),
    path("cases/<str:number>/what-if/", portraits.show_what_if, name="cases_what_if"),
    path("cases/<str:number>/what-if/smallest/", portraits.list_smallest, name="cases_smallest"),
    path("labels/<str:name>/", labels.show_label, name="labels_one"),
    path("loans/", loans.show_book, name="loans"),
    path("loans/vintage.json", loans.draw_vintage, name="loans_vintage"),
    path("loans/loans.csv", loans.export_loans, name="loans_export"),
    path("charts.js", loans.chart_script, name="loans_script"),
    path("overrides/", overrides.show_overrides, name="overrides"),
    path("overrides/overrides.csv", overrides.export_overrides, name="overrides_export"),
    path("held/", held.show_held, name="held"),
    path("history/", history.show_runs, name="history"),
    path("history/<int:run_id>/", history.show_run, name="history_one"),
    path("sign-in/", people.SignIn.as_view(), name="login"),
    path("sign-out/", people.SignOut.as_view(), name="logout"),
    path("factory/", people.choose_factory, name="choose_factory"),
    path("theme/", people.choose_theme, name="choose_theme"),
    path("i18n/", include("django.conf.urls.i18n")),
]
