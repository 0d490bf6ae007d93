"""The dashboard and the batches, below /staff/."""

from django.urls import path

from uploads.pages import (
    batch_acts,
    batch_intake,
    batches,
    changes,
    comparison,
    dashboard,
    paper_no_data,
    paper_results,
    paperfiles,
    reports,
    signing,
    withdrawals,
)

urlpatterns = [
    path("", dashboard.home, name="staff-home"),
    path("signing/", signing.signing, name="staff-signing"),
    path("batches/", batches.batches, name="staff-batches"),
    path("batches/upload/", batch_intake.upload, name="staff-batch-upload"),
    path("batches/paper/", batch_intake.paper, name="staff-batch-paper"),
    path("batches/papers/", paperfiles.papers, name="staff-batch-papers"),
    path("batches/papers/results/", paper_results.results, name="staff-batch-papers-results"),
    path("batches/no-data/", batch_intake.no_data, name="staff-batch-no-data"),
    path("batches/no-data/paper/", paper_no_data.paper_no_data, name="staff-batch-paper-no-data"),
    path("batches/templates/<str:kind>.xlsx", changes.template, name="staff-batch-template"),
    path("batches/<int:batch_id>/", batches.batch, name="staff-batch"),
    path("batches/<int:batch_id>/rows/", batches.rows, name="staff-batch-rows"),
    path("batches/<int:batch_id>/changes/", changes.changes, name="staff-batch-changes"),
    path("batches/<int:batch_id>/files/<int:number>/", batches.file, name="staff-batch-file"),
    path("batches/<int:batch_id>/files/<int:number>/report/", reports.report, name="staff-batch-report"),
    path("batches/<int:batch_id>/files/<int:number>/report/file/", reports.report_file, name="staff-batch-report-file"),
    path("batches/<int:batch_id>/scan/", batches.scan, name="staff-batch-scan"),
    path("batches/<int:batch_id>/sheet/", batches.sheet, name="staff-batch-sheet"),
    path("batches/<int:batch_id>/sign/", batch_acts.sign, name="staff-batch-sign"),
    path("batches/<int:batch_id>/comparison/", comparison.comparison, name="staff-batch-comparison"),
    path("batches/<int:batch_id>/explain/", batch_acts.explain, name="staff-batch-explain"),
    path("batches/<int:batch_id>/submit/", batch_acts.submit, name="staff-batch-submit"),
    path("batches/<int:batch_id>/withdraw/", withdrawals.withdraw_from_batch, name="staff-batch-withdraw"),
    path("batches/<int:batch_id>/return/", batch_acts.send_back, name="staff-batch-return"),
]
