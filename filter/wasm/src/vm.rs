//! The statics of one VM: what its contexts share.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};
use tianji_core::{exchange::Exchange, gateway::Gateway};

thread_local! {
    static GATEWAY: RefCell<Option<Rc<Gateway>>> = const { RefCell::new(None) };
    static EXCHANGES: RefCell<HashMap<u32, Rc<Exchange>>> = RefCell::new(HashMap::new());
    static OWNER: Cell<u32> = const { Cell::new(0) };
}

/// The VM's gateway; made on first use.
pub fn gateway() -> Rc<Gateway> {
    GATEWAY.with_borrow_mut(|gateway| gateway.get_or_insert_with(make).clone())
}

/// Lets the exchange be found by its attempts, under the id of its ingress context.
pub fn enter(id: u32, exchange: Rc<Exchange>) {
    EXCHANGES.with_borrow_mut(|all| all.insert(id, exchange));
}

/// The exchange of an ingress context.
pub fn find(id: u32) -> Option<Rc<Exchange>> {
    EXCHANGES.with_borrow(|all| all.get(&id).cloned())
}

/// The exchange is over.
pub fn leave(id: u32) -> Option<Rc<Exchange>> {
    EXCHANGES.with_borrow_mut(|all| all.remove(&id))
}

/// Each new configuration makes a new root context; the newest one keeps the link and the queue.
pub fn own(root: u32) {
    OWNER.set(root);
}

/// Whether this is the newest root context.
pub fn is_owner(root: u32) -> bool {
    OWNER.get() == root
}

fn make() -> Rc<Gateway> {
    let mut seed = [0; 8];
    // Without randomness from the host the address of a static and the time must do: ids only need to differ.
    if getrandom::fill(&mut seed).is_err() {
        seed = crate::host::now().to_le_bytes();
    }
    let node = crate::host::property(&["xds", "node", "id"]).unwrap_or_default();
    Rc::new(Gateway::new(
        String::from_utf8_lossy(&node).into_owned(),
        crate::host::now,
        u64::from_le_bytes(seed),
    ))
}
