"""The shapes of REST are those that the command line prints as JSON."""

from __future__ import annotations

from dataclasses import fields

from eigen.api.rest import forms
from eigen.cli.devices import device_json
from eigen.cli.views import event_json, results_json, view_json
from eigen.types import Device, JobEvent, JobResults, JobState, JobView

ERROR = {"code": "EIGEN_RUN_FAILED", "message": "division by zero", "where": "line 3"}
TIME = "2026-01-01T00:00:00.000Z"
VIEW = JobView("job_1", "bell", JobState.DONE, "done", 1.0, "done", TIME, TIME, "sim:auto", 50, error=ERROR)


def test_jobs_events_results_and_devices_have_one_shape() -> None:
    assert forms.job(VIEW) == view_json(VIEW)
    event = JobEvent("job_1", 3, JobState.QUEUED, "queued", 0.5, "waits", TIME, {"attempt": 1})
    assert forms.event(event) == event_json(event)
    results = JobResults("job_1", JobState.ERROR, [1], {"0": 2**63}, ({"seed": 2**64 - 1},), {"seed": 7}, ERROR, TIME)
    assert forms.results(results) == results_json(results)
    device = Device("sim:x", "x", "simulator", 3, ("H",), ((0, 1),), frozenset({"seed"}))
    assert forms.device(device) == device_json(device)


def test_a_job_shows_what_the_house_knows_of_it() -> None:
    hidden = {"tenant", "project"}  # the caller's own
    absent_when_empty = {"resumed_from", "replay_of", "reservation_id", "steps", "workflow", "step", "item"}
    assert {field.name for field in fields(JobView)} - hidden - absent_when_empty == set(forms.job(VIEW))
