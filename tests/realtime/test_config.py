"""Settings from a file: what is taken, and what is refused by its full name."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from realtime.bounds import Bounds
from realtime.config import Config, ConfigError, load
from realtime.presets import all_presets
from realtime.types import Edit, Emotion

README = Path(__file__).parent.parent.parent / "README.md"


def written(folder: Path, text: str) -> Path:
    path = folder / "visavis.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold():
    assert load(None) == Config()


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path):
    text = '[edit]\nemotion = "sad"\nintensity = 1\naffect = [0.5, -0.25]\n[server]\nport = 9000\n'
    config = load(written(tmp_path, text))
    assert config.edit == Edit(Emotion.SAD, intensity=1.0, affect=(0.5, -0.25))
    assert isinstance(config.edit.intensity, float)
    assert config == replace(Config(), edit=config.edit, server=replace(Config().server, port=9000))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[edit]\nintensty = 1", "unknown key 'edit.intensty' (did you mean 'edit.intensity'?)"),
        ("[sever]\nport = 1", "unknown key 'sever' (did you mean 'server'?)"),
        ("[server]\nqqq = 1", "unknown key 'server.qqq' (known: host, port"),
        ('[edit]\nemotion = "hapy"', "edit.emotion must be one of neutral, happy"),
        ('[edit]\nemotion = "hapy"', "did you mean 'happy'?"),
        ("[edit]\nemotion = 3", "edit.emotion must be one of neutral"),
        ("[edit]\nintensity = 2", "edit.intensity must be -1 to 1.5, not 2"),
        ("[edit]\nintensity = nan", "edit.intensity must be a number, not nan"),
        ('[edit]\nintensity = "1"', "edit.intensity must be a number, not '1'"),
        ("[edit]\nintensity = true", "edit.intensity must be a number, not true"),
        ("[edit]\naffect = [0.1]", "edit.affect must have 2 values, not 1"),
        ("[edit]\naffect = [0.1, 3]", "edit.affect must be -1 to 1, not 3"),
        ("[edit]\naffect = 0.1", "edit.affect must be a list, not 0.1"),
        ("[server]\nport = 80.5", "server.port must be a whole number, not 80.5"),
        ("[server]\nport = 70000", "server.port must be 0 to 65535, not 70000"),
        ("[server]\nhost = 1", "server.host must be text in quotes, not 1"),
        ('[filter]\nfaces = "both"', "filter.faces must be one of largest, all, not 'both'"),
        ("[filter]\nshow_unfiltered = 1", "filter.show_unfiltered must be true or false, not 1"),
        ("server = 3", "server must be a table, not 3"),
        ("[bounds]\nlowest = 1\nhighest = 0", "bounds: lowest 1 is above highest 0"),
        ("[bounds.emotions]\nsad = [1, 0]", "bounds: sad lowest 1 is above highest 0"),
        ("[bounds.emotions]\nsda = [0, 1]", "did you mean 'sad'?"),
        ("[users.ada]\nhighest = 9", "users.ada.highest must be -1 to 1.5, not 9"),
        ("[users.ada]\nhigest = 1", "did you mean 'users.ada.highest'?"),
        ("[presets.calm]\nintensity = 9", "presets.calm.intensity must be -1 to 1.5, not 9"),
        ('[presets."a.b"]\nbrows = 2', "presets.a.b.brows must be 0 to 1, not 2"),
        ("[presets.calm]\nemotio = 3", "did you mean 'presets.calm.emotion'?"),
        ('[edit]\ncoefficients = [["jawOpne", 1]]', "did you mean 'jawOpen'?"),
        ('[edit]\ncoefficients = [["jawOpen", 2]]', "edit.coefficients must be 0 to 1, not 2"),
        ("[edit\n", "visavis.toml: "),
    ],
)
def test_what_does_not_fit_is_refused_by_its_full_name(tmp_path: Path, text: str, complaint: str):
    with pytest.raises(ConfigError, match=re.escape(complaint)) as caught:
        load(written(tmp_path, text))
    assert "visavis.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"none\.toml: No such file"):
        load(tmp_path / "none.toml")


def test_presets_of_the_settings_come_first_and_replace_those_of_the_same_name(tmp_path: Path):
    text = '[presets.calm]\nemotion = "happy"\nramp_ms = 800\n[presets.bright]\nintensity = 0.1'
    presets = all_presets(load(written(tmp_path, text)).presets)
    assert presets["calm"] == Edit(Emotion.HAPPY, ramp_ms=800.0)
    assert presets["bright"] == Edit(intensity=0.1)
    assert list(presets)[:2] == ["calm", "bright"]
    assert presets["off"] == Edit()


def test_a_named_user_has_bounds_of_their_own(tmp_path: Path):
    text = '[bounds]\nhighest = 0.9\n[users.ada]\nforbidden = ["contempt"]\n'
    config = load(written(tmp_path, text))
    assert config.of_user(None).bounds == Bounds(highest=0.9)
    assert config.of_user("ada").bounds == Bounds(forbidden=(Emotion.CONTEMPT,))
    with pytest.raises(ConfigError, match=r"users\.bob: there is no such user"):
        config.of_user("bob")


def test_the_sample_in_the_readme_names_every_setting_with_its_default(tmp_path: Path):
    sample = re.search(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert sample
    config = load(written(tmp_path, sample[1]))
    assert replace(config, users={}) == Config()
    # A key that has no default to write down stands there as a comment.
    text = sample[1].replace("# ", "")
    own = (config.edit, config.filter, config.camera, config.server, config.ice)
    for part in (*own, config.recording, config.osc, config.voice, config.bounds):
        for key in part.__dataclass_fields__:
            assert re.search(rf"^(\[(bounds|voice)\.)?{key}\b", text, re.MULTILINE), key
