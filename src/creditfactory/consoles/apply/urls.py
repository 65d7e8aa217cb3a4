"""The addresses of the borrower's door."""

from django.urls import path

from creditfactory.consoles.apply import contract, returning, views

urlpatterns = [
    path("", views.show_start, name="apply"),
    path("begin/", views.begin, name="apply_begin"),
    path("<slug:link>/", views.take_up, name="apply_one"),
    path("<slug:link>/back/", returning.come_back, name="apply_return"),
    path("<slug:link>/keep/", views.keep, name="apply_keep"),
    path("<slug:link>/paper/<slug:paper>/", views.take_paper, name="apply_paper"),
    path("<slug:link>/challenge/", views.set_challenge, name="apply_challenge"),
    path("<slug:link>/frames/", views.take_frames, name="apply_frames"),
    path("<slug:link>/status/", views.show_status, name="apply_status"),
    path("<slug:link>/sign/", contract.sign, name="apply_sign"),
    path("<slug:link>/wish/", views.tell_wish, name="apply_wish"),
    path("<slug:link>/<slug:step>/", views.show_step, name="apply_step"),
]
