//! What people have logged in for with `tianji login`: kept in the data folder, sealed with the admin key.

use super::Error;
use crate::{secret::Secret, vault::Vault};
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

/// A folder of sealed logins.
pub struct Logins {
    folder: PathBuf,
    vault: Vault,
}

impl Logins {
    /// Those in the data folder.
    pub fn new(folder: impl Into<PathBuf>, vault: Vault) -> Self {
        Self { folder: folder.into(), vault }
    }

    /// The file of one.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.login"))
    }

    /// Keeps one, in place of an earlier one.
    pub fn keep(&self, name: &str, secret: &Secret) -> io::Result<()> {
        let sealed = self.vault.seal(&owner(name), secret.expose()).map_err(io::Error::other)?;
        fs::create_dir_all(&self.folder)?;
        let aside = self.folder.join(format!("{name}.login.{}", std::process::id()));
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        writeln!(file, "{sealed}")?;
        file.sync_all()?;
        fs::rename(aside, self.path(name))
    }

    /// One that was kept.
    pub fn get(&self, name: &str) -> Result<Option<Secret>, Error> {
        let path = self.path(name);
        match fs::read_to_string(&path) {
            Ok(sealed) => match self.vault.open(&owner(name), sealed.trim()) {
                Ok(secret) => Ok(Some(secret)),
                Err(error) => Err(Error::Setup(format!("{}: {error}", path.display()))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::Setup(format!("cannot read {}: {error}", path.display()))),
        }
    }
}

fn owner(name: &str) -> String {
    format!("login/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_login_is_sealed_and_its_owners_only() {
        let folder = tempfile::tempdir().unwrap();
        let logins = |master: &str| Logins::new(folder.path().join("data"), Vault::new(&Secret::new(master)));
        assert_eq!(logins("sk-master").get("github-copilot"), Ok(None));
        logins("sk-master").keep("github-copilot", &Secret::new("gho_first")).unwrap();
        logins("sk-master").keep("github-copilot", &Secret::new("gho_second")).unwrap();
        assert_eq!(logins("sk-master").get("github-copilot"), Ok(Some(Secret::new("gho_second"))));
        assert!(logins("sk-other").get("github-copilot").is_err());
        let path = logins("sk-master").path("github-copilot");
        assert!(!fs::read_to_string(&path).unwrap().contains("gho_"));
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
