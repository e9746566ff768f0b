"""The record of the lessons' cells that need a GPU, and the honest word where there is none."""

import json

import pytest
import torch

from autograder.authoring import cuda
from autograder.course import Stop, chapters, find

LESSONS = [chapter for chapter in chapters() if cuda.gpu_cells(chapter)]


@pytest.mark.parametrize("chapter", LESSONS, ids=lambda chapter: chapter.slug)
def test_the_page_says_whether_its_cells_ran_on_a_gpu(chapter):
    [(name, said)] = cuda.report(chapter.slug)
    assert name == "GPU cells"
    assert said == "not run on CUDA" or said.startswith("run 20")


def test_a_changed_cell_or_no_record_is_not_run_on_cuda(tmp_path, monkeypatch):
    lesson = LESSONS[0]
    cells = {name: {"code": "of an older cell", "printed": "1"} for name in cuda.gpu_cells(lesson)}
    made = {"device": "GPU", "torch": "2", "date": "2026-01-01", "lessons": {lesson.slug: cells}}
    monkeypatch.setattr(cuda, "RECORD", cuda.ROOT / "figures" / "no_such.json")
    assert cuda.report(lesson.slug) == [("GPU cells", "not run on CUDA")]
    path = tmp_path / "cuda.json"
    path.write_text(json.dumps(made))
    monkeypatch.setattr(cuda, "RECORD", path)
    assert cuda.report(lesson.slug) == [("GPU cells", "not run on CUDA")]


def test_a_lesson_without_such_cells_says_nothing():
    assert cuda.report(find("04").slug) == []


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_the_record_stays_as_it_is():
    with pytest.raises(Stop, match="no CUDA device"):
        cuda.main()
