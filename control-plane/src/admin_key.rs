//! The admin key of an installation that was given none: made once, kept in a file only its owner can read.

use crate::{keys, secret::Secret};
use std::{fs, io, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

/// The file's name in the data folder.
pub const FILE: &str = "admin.key";

/// The admin key kept in `data_dir`; made now if there is none. Two processes starting at once get the same one.
pub fn admin_key(data_dir: &Path) -> io::Result<Secret> {
    let path = data_dir.join(FILE);
    if let Some(key) = read(&path)? {
        return Ok(key);
    }
    fs::create_dir_all(data_dir)?;
    let key = keys::generate().map_err(io::Error::other)?;
    // Written aside and linked into place, so that nobody ever reads half a key; `hard_link` fails if one is there.
    let aside = data_dir.join(format!("{FILE}.{}", std::process::id()));
    let written = write(&aside, &key).and_then(|()| match fs::hard_link(&aside, &path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        done => done,
    });
    let _ = fs::remove_file(&aside);
    written?;
    read(&path)?.ok_or_else(|| io::Error::other(format!("{} is empty", path.display())))
}

fn write(path: &Path, key: &Secret) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    writeln!(file, "{}", key.expose())?;
    file.sync_all()
}

fn read(path: &Path) -> io::Result<Option<Secret>> {
    match fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() => Err(io::Error::other(format!("{} is empty", path.display()))),
        Ok(text) => Ok(Some(Secret::new(text.trim()))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_made_once_and_readable_by_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let first = admin_key(&data).unwrap();
        assert!(first.expose().starts_with("sk-"));
        assert_eq!(admin_key(&data).unwrap(), first);
        assert_eq!(fs::metadata(data.join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "nothing is left lying about");
    }

    #[test]
    fn an_empty_file_is_an_error_and_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "\n").unwrap();
        assert!(admin_key(dir.path()).is_err());
    }
}
