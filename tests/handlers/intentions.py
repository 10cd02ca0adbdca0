"""Every button there is, with the longest it can carry."""

from aiogram.filters.callback_data import CallbackData

from handlers import callbacks
from services.quotes import new_token

ID = 2**63 - 1

BIGGEST: dict[type[CallbackData], CallbackData] = {
    callbacks.Go: callbacks.Go(to="menu", new=True),
    callbacks.Shelves: callbacks.Shelves(page=99_999, new=True),
    callbacks.Shelf: callbacks.Shelf(category_id=ID, page=99_999),
    callbacks.Product: callbacks.Product(service_id=ID),
    callbacks.Begin: callbacks.Begin(service_id=ID),
    callbacks.KeepLink: callbacks.KeepLink(service_id=ID),
    callbacks.Pick: callbacks.Pick(service_id=ID, quantity=10**12 - 1),
    callbacks.Step: callbacks.Step(to="quantity", service_id=ID),
    callbacks.Ask: callbacks.Ask(service_id=ID, field="answer_number"),
    callbacks.Answer: callbacks.Answer(service_id=ID, field="answer_number", value="v" * 16),
    callbacks.KeepAnswer: callbacks.KeepAnswer(service_id=ID, field="answer_number"),
    callbacks.AtOnce: callbacks.AtOnce(service_id=ID),
    callbacks.Resume: callbacks.Resume(),
    callbacks.Leave: callbacks.Leave(),
    callbacks.Confirm: callbacks.Confirm(token=new_token()),
    callbacks.Undo: callbacks.Undo(order_id=ID),
    callbacks.BuyRest: callbacks.BuyRest(token=new_token(), look=True, among=True),
    callbacks.AskRefill: callbacks.AskRefill(order_id=ID),
    callbacks.ChooseRest: callbacks.ChooseRest(order_id=ID),
    callbacks.TellMe: callbacks.TellMe(order_id=ID),
    callbacks.Finish: callbacks.Finish(goal_id=ID, new=True),
    callbacks.FinishSet: callbacks.FinishSet(what="percent", value=100, goal_id=ID),
    callbacks.FinishIt: callbacks.FinishIt(order_id=ID),
    callbacks.KeepMoney: callbacks.KeepMoney(order_id=ID),
    callbacks.Why: callbacks.Why(order_id=ID, cause="provider_trouble"),
    callbacks.ShowDoubt: callbacks.ShowDoubt(order_id=ID),
    callbacks.Arrived: callbacks.Arrived(order_id=ID, attempt=ID),
    callbacks.Missing: callbacks.Missing(order_id=ID, attempt=ID),
    callbacks.SettleMissing: callbacks.SettleMissing(order_id=ID, attempt=ID, again=True),
    callbacks.GiveBack: callbacks.GiveBack(order_id=ID),
    callbacks.CountByHand: callbacks.CountByHand(order_id=ID),
    callbacks.Approve: callbacks.Approve(approval_id=ID),
    callbacks.Refuse: callbacks.Refuse(approval_id=ID),
    callbacks.Log: callbacks.Log(before=ID, of="provider " + "x" * 23),
    callbacks.Goals: callbacks.Goals(page=99_999, new=True),
    callbacks.GoalCard: callbacks.GoalCard(goal_id=ID, page=99_999),
    callbacks.Repeat: callbacks.Repeat(order_id=ID),
    callbacks.Wallet: callbacks.Wallet(page=499, new=True),
    callbacks.Preferences: callbacks.Preferences(),
    callbacks.ChooseQuiet: callbacks.ChooseQuiet(begins=23),
    callbacks.SetQuiet: callbacks.SetQuiet(begins=23, ends=22),
    callbacks.QuietOff: callbacks.QuietOff(),
    callbacks.SetClock: callbacks.SetClock(offset=-570),
}
